"""The webhooks that are disabled when their owners gain rights, in words for the admin site."""

from collections import defaultdict
from collections.abc import Sequence

from tutorarc.models import User
from tutorarc.webhooks.models import Endpoint


def active_webhooks(people: Sequence[User]) -> dict[str, list[str]]:
    """By owner's id, the webhooks that send events now."""
    found: dict[str, list[str]] = defaultdict(list)
    active = Endpoint.objects.filter(owner__in=people, state=Endpoint.State.ACTIVE)
    for endpoint in active.order_by("pk"):
        found[endpoint.owner_id].append(f"the webhook to {endpoint.host}, until the person enables it again")
    return found
