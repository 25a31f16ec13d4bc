"""Deletes the webhooks of a person whose account is deleted, and what receivers of others answered about them."""

from tutorarc.domain.erasure import MORE, Leaver, blank_texts, erasing
from tutorarc.domain.events import SYSTEM
from tutorarc.webhooks.models import Delivery, Endpoint

TOGETHER = 10
DELIVERIES = 500


@erasing("webhooks")
def erase_webhooks(leaver: Leaver, _after: str) -> str:
    endpoints = list(Endpoint.objects.filter(owner=leaver.user)[:TOGETHER])
    for endpoint in endpoints:
        endpoint.remove(SYSTEM)
    return MORE if endpoints else ""


@erasing("deliveries")
def erase_from_deliveries(leaver: Leaver, after: str) -> str:
    """Answers and errors may repeat what was sent to them."""
    return blank_texts(Delivery.objects.all(), ("response_body", "error"), leaver, after, DELIVERIES)
