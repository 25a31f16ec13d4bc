"""History wording of API keys for the admin site."""

from apikeys.models import ApiKey
from tutorarc.models import User
from tutorarc.staff.history_registry import ModelHistory

API_KEY_HISTORY = ModelHistory(
    model=ApiKey,
    phrases={
        "created": "issued {key} to {person}",
        "revoked": "revoked {key} of {person}",
        "rotated": "rotated {key} of {person}",
    },
    refers_to={"key": ApiKey, "person": User},
    fields=("name", "scopes", "expires_at", "revoked_at"),
    name="{name} ({hint})",
    hidden_name="an API key",
    is_credential=True,
)
