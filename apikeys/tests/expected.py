"""Expected answers of the API, for the tests of this app."""

from datetime import datetime
from typing import Any

from apikeys.models import ApiKey
from tutorarc.api.scopes import SCOPES

# A well-formed id that names nothing
NO_KEY = "key_01h455vb4pex5vsknk084sn02q"


def written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def shown(key: ApiKey, **changes: Any) -> dict[str, Any]:
    """A key as its owner sees it: by default with all scopes, without expiry, usable and not used yet."""
    usual = {"expires_at": None, "revoked_at": None, "last_used_at": None}
    whole = {"id": key.pk, "name": "API key", "hint": key.hint, "scopes": list(SCOPES)}
    return {**whole, "created_at": written(key.created_at), **usual, **changes}
