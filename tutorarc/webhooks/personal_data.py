"""What webhooks hold of a person: their endpoints, and what was sent to them."""

from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.models import User
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.serializers import WebhookDeliverySerializer, WebhookSerializer


def _endpoint(endpoint: Endpoint, _: User) -> Shown:
    return WebhookSerializer.to_representation(endpoint)


def _delivery(delivery: Delivery, _: User) -> Shown:
    return WebhookDeliverySerializer.to_representation(delivery)


register(
    PersonalData(name="webhooks", model=Endpoint, rows=lambda user: Endpoint.objects.filter(owner=user), show=_endpoint)
)
register(
    PersonalData(
        name="deliveries",
        model=Delivery,
        rows=lambda user: Delivery.objects.filter(endpoint__owner=user),
        show=_delivery,
    )
)
