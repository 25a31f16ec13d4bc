"""Background work: rows with a due time, and the worker that does them (docs/architecture.md, "Background work")."""
