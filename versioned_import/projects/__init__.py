"""Projects: a process that runs from a lock, with no virtual environment (spec 6)."""
