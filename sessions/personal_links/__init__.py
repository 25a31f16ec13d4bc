"""Personal links to live sessions, which tell who comes (docs/contract.md, "Personal links")."""
