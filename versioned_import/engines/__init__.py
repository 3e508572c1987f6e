"""What resolves a group and stages its distributions from outside: child processes of pip or uv."""
