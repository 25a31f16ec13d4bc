"""Webhooks: events sent to addresses that users name (docs/contract.md, "Webhooks")."""
