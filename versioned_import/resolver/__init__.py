"""From a version clause to a selection: search path, specifiers, closure."""
