"""Personal links to live sessions, which identify the visitor (docs/contract.md, "Personal links")."""
