"""What the commands that look know of a search path, as data: installed distributions, needs, problems."""
