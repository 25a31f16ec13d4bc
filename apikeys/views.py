from datetime import timedelta

from django.db.models import QuerySet
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys import examples
from apikeys.filters import RefusedCallFilter
from apikeys.models import ApiKey
from apikeys.pages import KeyPage, RefusedCallPage
from apikeys.permissions import IsOwner
from apikeys.refused_calls import RefusedCall, RefusedCallQuerySet
from apikeys.serializers import (
    ApiKeySerializer,
    IssuedKeySerializer,
    NewKeySerializer,
    RefusedCallSerializer,
    RotationSerializer,
    shown,
)
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAuthenticated
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.models import User


class OwnKeyMixin(ApiViewSet):
    """Loads the caller's key that the path names, if it names one."""

    cookie_only = True

    def load_object(self, request: Request) -> None:
        if "key_id" in self.kwargs:
            own = ApiKey.objects.select_related("owner").filter(owner=self.user)
            self.key = get_object_or_404(own, pk=self.kwargs["key_id"])


class ApiKeyViewSet(OwnKeyMixin):
    """Your API keys. Needs a sign-in: a key can't create keys."""

    tag = "API keys"
    html_page_class = KeyPage
    queryset = ApiKey.objects.all()
    serializer_class = ApiKeySerializer
    lookup_url_kwarg = "key_id"
    location = "/api/v1/api-keys/{id}"
    secrets = frozenset({"key"})

    def page(self, queryset: QuerySet[ApiKey], window: Window) -> QuerySet[ApiKey]:
        return queryset.filter(owner=self.user)

    @api_action(
        summary="List your API keys",
        permission=IsAuthenticated,
        scope=None,
        many=True,
        examples=examples.LIST,
    )
    def list(self, request: Request) -> Response:
        """Your keys, newest first, including revoked ones."""
        return self.answer_page()

    @api_action(
        summary="Create an API key",
        permission=IsAuthenticated,
        scope=None,
        request=NewKeySerializer,
        response=IssuedKeySerializer,
        status=201,
        needs_confirmation=True,
        errors=[ApiKey.TooMany, User.SignedOut],
        examples=examples.CREATE,
    )
    def create(self, request: Request) -> Response:
        """The secret is shown once, in `key`. Without `scopes` the key has all scopes."""
        key, plaintext = ApiKey.objects.issue(self.user, self.actor, **self.read_body())
        return Response(shown(key, plaintext), status=self.spec.status)

    @api_action(
        summary="Revoke an API key",
        permission=IsOwner,
        scope=None,
        status=204,
    )
    def destroy(self, request: Request, key_id: str) -> Response:
        """The key stops working with the next request. Repeating it changes nothing."""
        self.read_body()
        self.key.revoke(self.actor)
        return Response(status=self.spec.status)

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Rotate an API key",
        permission=IsOwner,
        scope=None,
        request=RotationSerializer,
        response=IssuedKeySerializer,
        status=201,
        needs_confirmation=True,
        errors=[ApiKey.Closed, ApiKey.TooMany, User.SignedOut],
        examples=examples.ROTATE,
    )
    def rotate(self, request: Request, key_id: str) -> Response:
        """A new secret with the same name, scopes and expiry; the old one keeps working for the overlap."""
        overlap = timedelta(hours=self.read_body()["overlap_hours"])
        key, plaintext = self.key.rotate(self.actor, overlap)
        return Response(shown(key, plaintext), status=self.spec.status)


class RefusedCallViewSet(OwnKeyMixin):
    """The calls with one of your API keys that were answered with an error."""

    tag = "Refused calls"
    html_page_class = RefusedCallPage
    queryset = RefusedCall.objects.all()
    serializer_class = RefusedCallSerializer
    filterset_class = RefusedCallFilter

    def page(self, queryset: RefusedCallQuerySet, window: Window) -> QuerySet[RefusedCall]:
        return queryset.recent().filter(api_key=self.key)

    @api_action(
        summary="List the refused calls of an API key",
        permission=IsOwner,
        scope=None,
        many=True,
        examples=examples.REFUSED_CALLS,
    )
    def list(self, request: Request, key_id: str) -> Response:
        """Its calls of the last 7 days, or what the server keeps, that got an error, newest first: at most 1,000."""
        return self.answer_page()
