"""One file per kind of work: objects, layout, instruction, success, progress."""
