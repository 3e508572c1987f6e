"""What a project or a process has, written down for other tools: links, settings, requirements, a lock (spec 6.5)."""
