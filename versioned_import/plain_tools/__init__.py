"""Source files for tools that read plain Python: masks, copies of a project, clauses put back, the other spelling."""
