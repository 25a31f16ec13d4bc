"""Badges of webhooks and their deliveries on the developer pages."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from tutorarc.webhooks.models import Delivery, Endpoint


class Badge(NamedTuple):
    """Of `components/badge.html`."""

    kind: str
    text: str


def badge_of_webhook(webhook: Endpoint) -> Badge:
    if not webhook.is_active:
        return Badge("plain", _("Disabled"))
    return Badge("warn", _("Failing")) if webhook.failing_since else Badge("good", _("Active"))


def badge_of_delivery(delivery: Delivery) -> Badge:
    match delivery.status:
        case Delivery.Status.SUCCEEDED:
            return Badge("good", _("Delivered"))
        case Delivery.Status.FAILED:
            return Badge("bad", _("Failed"))
        case Delivery.Status.CANCELLED:
            return Badge("plain", _("Cancelled"))
    return Badge("warn", _("Will be retried") if delivery.attempts else _("Waiting"))
