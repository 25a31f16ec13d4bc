"""Recurrence rules of series (docs/contract.md, "Series"): read as text, and expanded in local time. Without Django."""
