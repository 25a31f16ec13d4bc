"""What happens to webhooks when their owner gains rights."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEventKind, User
from tutorarc.models.signals import people_gain_rights, webhook_failing
from tutorarc.webhooks.models import Endpoint


@receiver(people_gain_rights)
def disable_endpoints(people: Sequence[User], by: Actor, **_: Any) -> None:
    """Somebody else may have made them, with a key or a password that ends now, and they would get more than before.

    The owner is told by mail.
    """
    for endpoint in Endpoint.objects.filter(owner__in=people).locked():
        if endpoint.is_active:
            endpoint.stop(Endpoint.DisabledReason.OWNER_GAINED_RIGHTS)
            endpoint.log(SecurityEventKind.WEBHOOK_CHANGED, by, state=endpoint.state)
            webhook_failing.send(Endpoint, endpoint=endpoint)
