"""What happens to API keys when their owner gains rights."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from apikeys.models import ApiKey
from tutorarc.domain.events import Actor, record
from tutorarc.models import User
from tutorarc.models.signals import people_gain_rights


@receiver(people_gain_rights)
def revoke_keys_of_others(people: Sequence[User], by: Actor, **_: Any) -> None:
    """Their owners stay locked until the transaction ends, so that no such key is made meanwhile."""
    keys = list(ApiKey.objects.made_by_others().filter(owner__in=people))
    if keys:
        now = timezone.now()
        ApiKey.objects.filter(pk__in=[key.pk for key in keys]).update(revoked_at=now)
        for key in keys:
            key.revoked_at = now
        record(keys, by, verb="revoke", old=lambda _: {"revoked_at": None})
