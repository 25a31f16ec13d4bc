from datetime import timedelta

from django.db.models import QuerySet
from django.http import Http404
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAdmin, IsTeacher
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.domain.errors import UnknownClass
from tutorarc.feed.subjects import SUBJECTS
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import User
from tutorarc.webhooks import examples
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.pages import WebhookPage
from tutorarc.webhooks.serializers import (
    NewWebhookSerializer,
    ReplaySerializer,
    SecretRotationSerializer,
    WebhookChangesSerializer,
    WebhookDeliverySerializer,
    WebhookReplaySerializer,
    WebhookSerializer,
    WebhookWithSecretSerializer,
)

READ, WRITE = "webhooks:read", "webhooks:write"


class WebhookResource(ApiViewSet):
    """Base of all calls about the caller's own webhooks. That of another is 404, as one that doesn't exist."""

    html_page_class = WebhookPage

    def load_object(self, request: Request) -> None:
        if "webhook_id" in self.kwargs:
            own = Endpoint.objects.filter(owner=self.user)
            self.webhook = get_object_or_404(own, pk=self.kwargs["webhook_id"])

    def handle_exception(self, exc: Exception) -> Response:
        """A webhook that is deleted while a call is made is 404 too."""
        return super().handle_exception(Http404() if isinstance(exc, Endpoint.DoesNotExist) else exc)


class WebhookViewSet(WebhookResource):
    """Endpoints of your own, to which events are sent."""

    tag = "Webhooks"
    queryset = Endpoint.objects.all()
    serializer_class = WebhookSerializer
    represent = staticmethod(WebhookSerializer.to_representation)
    lookup_url_kwarg = "webhook_id"
    location = "/api/v1/webhooks/{id}"
    secrets = frozenset({"secret"})

    def page(self, queryset: QuerySet[Endpoint], window: Window) -> QuerySet[Endpoint]:
        return queryset.filter(owner=self.user)

    @api_action(
        summary="List your webhooks",
        permission=IsTeacher | IsAdmin,
        scope=READ,
        many=True,
        examples=examples.ONE,
    )
    def list(self, request: Request) -> Response:
        """Your webhooks, newest first, including disabled ones."""
        return self.answer_page()

    @api_action(
        summary="Create a webhook",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        request=NewWebhookSerializer,
        response=WebhookWithSecretSerializer,
        status=201,
        needs_confirmation=True,
        errors=[ErrorReason.NOT_A_MEMBER, UnknownClass, Endpoint.TooMany, User.SignedOut],
        examples=examples.CREATE,
    )
    def create(self, request: Request) -> Response:
        """From now on, the events that `GET /events` shows you are sent to the URL, or those of one class that you
        teach. The secret, which they are signed with, is shown once.
        """
        body = self.read_body()
        self._require_teacher(body.get("class_id"))
        return self._with_secret(*Endpoint.objects.register(self.user, self.actor, **body))

    @api_action(summary="Look up a webhook", permission=IsTeacher | IsAdmin, scope=READ, examples=examples.ONE)
    def retrieve(self, request: Request, webhook_id: str) -> Response:
        """Whether it is active, and why not."""
        return self.answer(self.webhook)

    @api_action(
        summary="Change a webhook",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        request=WebhookChangesSerializer,
        needs_confirmation=True,
        errors=[User.SignedOut],
        examples=examples.UPDATE,
    )
    def partial_update(self, request: Request, webhook_id: str) -> Response:
        """Its URL, event types, description or status. What it missed while disabled can be replayed."""
        return self.answer(self.webhook.edit(self.actor, **self.read_body()))

    @api_action(
        summary="Delete a webhook",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        status=204,
        errors=[User.SignedOut],
    )
    def destroy(self, request: Request, webhook_id: str) -> Response:
        """Nothing more is sent to it, and its deliveries are deleted too."""
        self.read_body()
        self.webhook.remove(self.actor)
        return Response(status=self.spec.status)

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Rotate the secret of a webhook",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        request=SecretRotationSerializer,
        response=WebhookWithSecretSerializer,
        needs_confirmation=True,
        errors=[User.SignedOut],
        examples=examples.ROTATE,
    )
    def rotate(self, request: Request, webhook_id: str) -> Response:
        """A new secret, shown once. During the overlap, requests are signed with the old one too."""
        overlap = timedelta(hours=self.read_body()["overlap_hours"])
        return self._with_secret(*self.webhook.rotate(self.actor, overlap))

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Send a test event",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        response=WebhookDeliverySerializer,
        errors=[Endpoint.Disabled, User.SignedOut],
        examples=examples.SEND_TEST,
    )
    def test(self, request: Request, webhook_id: str) -> Response:
        """An event of the type `webhook.test`, sent once, within seconds. The list of deliveries shows the result."""
        self.read_body()
        return Response(
            WebhookDeliverySerializer.to_representation(Delivery.objects.send_test(self.webhook, self.actor))
        )

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Replay events",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        request=ReplaySerializer,
        response=WebhookReplaySerializer,
        errors=[Endpoint.Disabled, Delivery.TooOld, User.SignedOut],
        examples=examples.REPLAY,
    )
    def replay(self, request: Request, webhook_id: str) -> Response:
        """Send the events since a time that were not delivered, in their order. What was delivered isn't sent again.

        At most 5,000 events are sent by one call. Another call goes on behind them.
        """
        since = self.read_body()["since"]
        return Response({"deliveries": Delivery.objects.replay(self.webhook, self.actor, since)})

    def _require_teacher(self, class_id: str | None) -> None:
        """Raises UnknownClass, and PermissionDenied for a class that the caller doesn't teach."""
        if class_id is None:
            return
        subject = SUBJECTS["class_id"]
        try:
            found = subject.find(self.user, class_id)
        except Http404:
            raise UnknownClass("class_id: no class has this id.") from None
        if not subject.may_follow(self.user, found):
            self.deny(subject.permission, found)

    def _with_secret(self, webhook: Endpoint, secret: str) -> Response:
        return Response({**self.show(webhook), "secret": secret}, status=self.spec.status)


class DeliveryViewSet(WebhookResource):
    """Deliveries to a webhook of yours."""

    tag = "Webhook deliveries"
    queryset = Delivery.objects.all()
    serializer_class = WebhookDeliverySerializer
    represent = staticmethod(WebhookDeliverySerializer.to_representation)
    lookup_url_kwarg = "delivery_id"

    def load_object(self, request: Request) -> None:
        super().load_object(request)
        if "delivery_id" in self.kwargs:
            self.delivery = get_object_or_404(self.webhook.deliveries.all(), pk=self.kwargs["delivery_id"])

    def page(self, queryset: QuerySet[Delivery], window: Window) -> QuerySet[Delivery]:
        return queryset.filter(endpoint=self.webhook)

    @api_action(
        summary="List the deliveries of a webhook",
        permission=IsTeacher | IsAdmin,
        scope=READ,
        many=True,
        examples=examples.DELIVERIES,
    )
    def list(self, request: Request, webhook_id: str) -> Response:
        """The deliveries of the last 30 days, or what the server keeps, newest first, with their last results."""
        return self.answer_page()

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Send a delivery again",
        permission=IsTeacher | IsAdmin,
        scope=WRITE,
        errors=[Endpoint.Disabled, User.SignedOut],
        examples=examples.RESEND,
    )
    def resend(self, request: Request, webhook_id: str, delivery_id: str) -> Response:
        """At once, whether it was delivered or not, with the same `webhook-id`."""
        self.read_body()
        return self.answer(self.delivery.resend(self.actor))
