"""What runs inside pip: the watch, the flag, the grouping resolver, the staging of a wheel (docs/architecture.md, D9)."""
