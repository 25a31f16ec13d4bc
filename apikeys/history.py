"""History wording of API keys for the admin site."""

from apikeys.models import ApiKey
from tutorarc.staff.history_registry import ModelHistory

API_KEY_HISTORY = ModelHistory(
    model=ApiKey,
    phrases={
        "issue": "issued {key} to {person}",
        "revoke": "revoked {key} of {person}",
        "rotate": "rotated {key} of {person}",
    },
    refers_to={"key": "id", "person": "owner"},
    fields=("name", "scopes", "expires_at", "revoked_at"),
    name="{name} ({hint})",
    hidden_name="an API key",
    is_credential=True,
)
