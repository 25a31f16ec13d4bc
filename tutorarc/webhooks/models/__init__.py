"""Endpoints, and the deliveries to them."""

from tutorarc.webhooks.models.delivery import Delivery
from tutorarc.webhooks.models.endpoint import Endpoint

__all__ = ["Delivery", "Endpoint"]
