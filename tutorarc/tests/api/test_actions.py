"""`@api_action`: an action without it is closed, and a wrong argument prevents the start of the server."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from drf_spectacular.utils import OpenApiExample
from rest_framework import permissions, serializers
from rest_framework.test import APIRequestFactory, force_authenticate

from tutorarc import urls
from tutorarc.api.actions import ActionSpec, api_action
from tutorarc.api.permissions import DenyAll, IsAuthenticated, IsTeacher
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.domain.errors import Conflict

RIGHT = {"summary": "Look up a probe", "permission": IsAuthenticated, "scope": "classes:read"}


def described(**parts):
    """A viewset whose one action has this description."""

    class ProbeViewSet(ApiViewSet):
        tag = "Me"

        @api_action(**parts)
        def retrieve(self, request):
            """What it does."""

    return ProbeViewSet


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"summary": ""}, "its summary is empty"),
        ({"permission": permissions.AllowAny}, "its permission is not a subclass of Permission"),
        ({"permission": IsTeacher | permissions.IsAdminUser}, "its permission is not a subclass of Permission"),
        ({"permission": IsTeacher()}, "its permission is not a subclass of Permission"),
        ({"scope": "classes:raed"}, "there is no scope classes:raed"),
        ({"scope": ("classes:read", "classes")}, "there is no scope classes"),
        ({"request": serializers.Serializer}, "its request is not a StrictSerializer"),
        ({"status": 404}, "its status is not one of (200, 201, 204)"),
        ({"errors": [Conflict]}, "<class 'tutorarc.domain.errors.Conflict'> is not an error with a reason"),
        ({"errors": ["class_archived"]}, "'class_archived' is not an error with a reason"),
        ({"examples": [{"id": "cls_1"}]}, "an example is not an OpenApiExample"),
    ],
)
def test_a_wrong_argument_is_refused_when_the_class_is_defined(parts, problem):
    with pytest.raises(ImproperlyConfigured, match=re.escape(f"ProbeViewSet.retrieve: {problem}.")):
        described(**RIGHT | parts)


@pytest.mark.parametrize("missing", RIGHT)
def test_summary_permission_and_scope_are_required(missing):
    with pytest.raises(TypeError, match=f"missing 1 required keyword-only argument: '{missing}'"):
        described(**{name: part for name, part in RIGHT.items() if name != missing})


def test_a_misspelt_argument_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'sumary'"):
        described(**RIGHT, sumary="Look up")


def test_an_action_needs_a_docstring():
    with pytest.raises(ImproperlyConfigured, match=re.escape("list: it has no docstring.")):

        @api_action(**RIGHT)
        def list(self, request):
            pass


@pytest.mark.parametrize("name", [None, "Members of staff"])
def test_a_viewset_needs_a_known_tag(name):
    namespace = {"retrieve": described(**RIGHT).retrieve} | ({"tag": name} if name else {})
    with pytest.raises(ImproperlyConfigured, match="UntaggedViewSet needs a tag: one of Classes, Class settings"):
        type("UntaggedViewSet", (ApiViewSet,), namespace)


def test_an_action_without_a_description_is_not_routed():
    class ProbeViewSet(described(**RIGHT)):
        def archive(self, request):
            """Undescribed."""

    with pytest.raises(ImproperlyConfigured, match=re.escape("@api_action is missing: ProbeViewSet.archive")):
        ProbeViewSet.as_view({"get": "retrieve", "post": "archive"})


def test_an_overridden_action_needs_a_description_of_its_own():
    class ProbeViewSet(described(**RIGHT)):
        def retrieve(self, request):
            """Something else."""

    assert ProbeViewSet.specs == {}
    with pytest.raises(ImproperlyConfigured, match=re.escape("@api_action is missing: ProbeViewSet.retrieve")):
        ProbeViewSet.as_view({"get": "retrieve"})


def test_an_action_without_a_description_is_closed_to_everybody(admin):
    """Also where it was routed past `as_view`."""
    view = described(**RIGHT).as_view({"get": "retrieve"})
    view.cls.specs = {}
    request = APIRequestFactory().get("/")
    force_authenticate(request, admin)
    response = view(request)
    assert (response.status_code, response.data["error"]["reason"]) == (403, "forbidden")
    assert (response.data["error"]["message"], view.cls(action="x").spec.permission) == (
        "Only nobody may do this.",
        DenyAll,
    )


def test_the_description_is_inherited_and_may_be_replaced():
    class ProbeViewSet(described(**RIGHT)):
        pass

    class SecondViewSet(ProbeViewSet):
        @api_action(**RIGHT | {"summary": "Something else"})
        def retrieve(self, request):
            """Replaced."""

    summaries = [view.specs["retrieve"].summary for view in (ProbeViewSet, SecondViewSet)]
    assert summaries == ["Look up a probe", "Something else"]


def test_the_scopes_of_an_action_are_none_one_or_several():
    said = (None, "classes:read", ("classes:read", "classes:write"))
    specs = [ActionSpec(**RIGHT | {"scope": scope, "examples": [OpenApiExample("x", value=1)]}) for scope in said]
    assert [spec.scopes for spec in specs] == [(), ("classes:read",), ("classes:read", "classes:write")]


def test_every_route_of_the_api_leads_to_a_described_action():
    assert all(set(route.callback.actions.values()) <= route.callback.cls.specs.keys() for route in urls.v1)
