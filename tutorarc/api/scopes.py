"""Scopes of API keys. Every action of the API declares the scope that it needs, or None."""

SCOPES = (
    "classes:read",
    "classes:write",
    "members:read",
    "members:write",
    "sessions:read",
    "sessions:write",
    "events:read",
    "webhooks:read",
    "webhooks:write",
    "users:read",
    "users:write",
)
