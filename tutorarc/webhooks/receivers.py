"""What happens to webhooks when their owner gains rights."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from tutorarc.models import User
from tutorarc.models.signals import people_gain_rights
from tutorarc.webhooks.models import Endpoint


@receiver(people_gain_rights)
def disable_endpoints(people: Sequence[User], **_: Any) -> None:
    """Somebody else may have made them, with a key or a password that ends now, and they would get more than before."""
    for endpoint in Endpoint.objects.filter(owner__in=people).locked():
        if endpoint.is_active:
            endpoint.stop(Endpoint.DisabledReason.OWNER_GAINED_RIGHTS)
