from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest

from classes.models import Class
from classes.permissions import can_manage_class
from classes.reads import class_with_role
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User


class ClassLookupMixin:
    """Load the class named in the path as `klass`, with the caller's role in it, and check object permissions."""

    klass: Class
    kwargs: dict[str, Any]

    def load_object(self, request: Any) -> None:
        if "class_id" in self.kwargs:
            self.klass = class_for(signed_in_user(request), self.kwargs["class_id"])
            self.check_object_permissions(request, self.klass)  # type: ignore[attr-defined]


def class_for(user: User, class_id: str) -> Class:
    """The class with the user's role in it. Raises Http404, also for a malformed id."""
    try:
        found = class_with_role(class_id=class_id, user_id=user.pk)
    except ValidationError:
        found = []
    if not found:
        raise Http404
    return found[0]


def class_of_page(
    request: HttpRequest, class_id: str, may_see: Callable[[User, Class], bool] = can_manage_class
) -> Class:
    """The class of a page outside the API, for those who manage it. Raises Http404 and PermissionDenied."""
    user = signed_in_user(request)
    klass = class_for(user, class_id)
    if not may_see(user, klass):
        raise PermissionDenied
    return klass
