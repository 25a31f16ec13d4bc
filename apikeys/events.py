"""Security events of API keys. They follow from the events of keys, so that no verb can forget them."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from apikeys.models import ApiKey
from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import Actor, events_recorded
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.models.security_event import Detail

KINDS = {
    "issue": SecurityEventKind.API_KEY_MADE,
    "rotate": SecurityEventKind.API_KEY_ROTATED,
    "revoke": SecurityEventKind.API_KEY_REVOKED,
}


@receiver(events_recorded, sender=ApiKey)
def record_key_events(rows: Sequence[ApiKey], by: Actor, verb: str, **_: Any) -> None:
    """About the owners of the keys. A rotation is two events: a key is made, and the old one is rotated."""
    if verb in KINDS:
        SecurityEvent.objects.record_each(KINDS[verb], [(key.owner_id, _details(key, by)) for key in rows], by)


def _details(key: ApiKey, by: Actor) -> dict[str, Detail]:
    return {
        "api_key": key.pk,
        "scopes": key.scopes,
        "expires_at": datetime_text(key.expires_at) if key.expires_at else None,
        "via": None if by.user else "command",
    }
