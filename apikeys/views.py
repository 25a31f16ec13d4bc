from datetime import timedelta
from typing import Any, cast

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys import examples
from apikeys.models import ApiKey
from apikeys.pages import KeyPage
from apikeys.permissions import IsOwner
from apikeys.serializers import ApiKeySerializer, IssuedKeySerializer, NewKeySerializer, RotationSerializer, shown
from tutorarc.api.permissions import IsAuthenticated
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.models import User


class ApiKeyViewSet(ApiViewSet):
    """Your API keys. Needs a sign-in: a key can't create keys."""

    tag = "API keys"
    cookie_only = True
    screen = KeyPage
    queryset = ApiKey.objects.all()
    serializer_class = ApiKeySerializer
    lookup_url_kwarg = "key_id"
    permissions = {"list": IsAuthenticated, "create": IsAuthenticated, "destroy": IsOwner, "rotate": IsOwner}
    serializers = {"create": NewKeySerializer, "rotate": RotationSerializer}
    answers = {
        "create": {201: IssuedKeySerializer},
        "rotate": {201: IssuedKeySerializer},
        "destroy": {204: None},
    }
    secrets = frozenset({"key"})
    examples = examples.KEYS
    summaries = {
        "list": "List your API keys",
        "create": "Create an API key",
        "destroy": "Revoke an API key",
        "rotate": "Rotate an API key",
    }

    def load_object(self, request: Request) -> None:
        if "key_id" in self.kwargs:
            self.key = get_object_or_404(ApiKey.objects.select_related("owner"), pk=self.kwargs["key_id"])
            self.check_object_permissions(request, self.key)

    def page(self, queryset: QuerySet[ApiKey], window: Window) -> QuerySet[ApiKey]:
        return queryset.filter(owner=cast(User, self.request.user))

    def list(self, request: Request) -> Response:
        """Your keys, newest first, including revoked ones."""
        return super().list(request)

    def create(self, request: Request) -> Response:
        """The secret is shown once, in `key`. Without `scopes` the key has all scopes."""
        owner: Any = request.user
        key, plaintext = ApiKey.objects.issue(owner, self.actor, **self.read_body())
        return Response(shown(key, plaintext), status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, key_id: str) -> Response:
        """The key stops working with the next request. Repeating it changes nothing."""
        self.read_body()
        self.key.revoke(self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, key_id: str) -> Response:
        """A new secret with the same name, scopes and expiry; the old one keeps working for the overlap."""
        overlap = timedelta(hours=self.read_body()["overlap_hours"])
        key, plaintext = self.key.rotate(self.actor, overlap)
        return Response(shown(key, plaintext), status=status.HTTP_201_CREATED)
