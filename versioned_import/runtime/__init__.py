"""What acts on the process: finders, the loaded modules, the one mutable state."""
