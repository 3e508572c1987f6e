"""Putting versions side by side: groups, staging, renaming into place."""
