"""What a key may do. Reading a resource needs its `:read`, everything else its `:write`."""

SCOPES = (
    "classes:read",
    "classes:write",
    "members:read",
    "members:write",
    "sessions:read",
    "sessions:write",
)
