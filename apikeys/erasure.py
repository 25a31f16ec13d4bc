"""Revokes the API keys of a person whose account is deleted, and removes their names and the log of refused calls."""

from apikeys.models import ApiKey
from apikeys.refused_calls import RefusedCall
from tutorarc.db.ids import to_uuid
from tutorarc.domain.erasure import MORE, Leaver, blank_texts, end_of, erasing, next_batch
from tutorarc.domain.events import SYSTEM
from tutorarc.models import Event

TOGETHER = 50
CALLS = 500
NAME = "Deleted key"


@erasing("API keys")
def erase_keys(leaver: Leaver, after: str) -> str:
    keys = next_batch(ApiKey.objects.filter(owner=leaver.user), after, TOGETHER)
    for key in keys:
        key.write(name=NAME).revoke(SYSTEM)
    Event.objects.about([to_uuid("key", key.pk) for key in keys]).blank({"name": NAME})
    return end_of(keys, TOGETHER)


@erasing("refused calls")
def erase_refused_calls(leaver: Leaver, _after: str) -> str:
    mine = RefusedCall.objects.filter(owner=leaver.user).values_list("pk", flat=True)[:CALLS]
    return MORE if RefusedCall.objects.filter(pk__in=list(mine)).delete()[0] else ""


@erasing("refused calls of others")
def erase_from_refused_calls(leaver: Leaver, after: str) -> str:
    """Messages may repeat an address that was sent."""
    return blank_texts(RefusedCall.objects.all(), ("path", "message"), leaver, after, CALLS)
