"""What an API key may do. Every action of the API names the scope that it needs, or that it needs none."""

SCOPES = (
    "classes:read",
    "classes:write",
    "members:read",
    "members:write",
    "sessions:read",
    "sessions:write",
)
