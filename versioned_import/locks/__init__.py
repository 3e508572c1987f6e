"""Text to data: what the lock files of six tools fix, read into one `Lock`. Nothing here acts on the process or the disk."""
