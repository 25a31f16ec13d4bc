"""What developers see on the home page: webhooks that fail, and API keys that expire soon."""

from datetime import timedelta

from django.utils import timezone

from apikeys.models import ApiKey
from tutorarc.api.home_parts import NEEDS_YOU
from tutorarc.api.page_slots import PartContext
from tutorarc.models import User
from tutorarc.webhooks.models import Endpoint

SOON = timedelta(days=14)


def failing_webhooks(user: User) -> PartContext | None:
    if user.is_student:
        return None
    failing = list(Endpoint.objects.active().filter(owner=user).exclude(failing_since=None).order_by("pk"))
    return {"endpoints": failing} if failing else None


def expiring_keys(user: User) -> PartContext | None:
    """Keys that expire in two weeks, without those that a key of the same name outlives: they were rotated."""
    if user.is_student:
        return None
    keys = list(ApiKey.objects.unexpired().filter(owner=user).order_by("expires_at").only("name", "hint", "expires_at"))
    until = timezone.now() + SOON
    lasting = {key.name for key in keys if key.expires_at is None or key.expires_at > until}
    soon = [key for key in keys if key.expires_at and key.expires_at <= until and key.name not in lasting]
    return {"keys": soon} if soon else None


NEEDS_YOU.register("apikeys/home/failing_webhooks.html", failing_webhooks, order=20)
NEEDS_YOU.register("apikeys/home/expiring_keys.html", expiring_keys, order=30)
