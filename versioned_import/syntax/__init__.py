"""Text to text, or text to syntax tree: finding version clauses and rewriting the statements that hold them."""
