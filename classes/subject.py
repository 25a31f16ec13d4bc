from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404

from classes.models import Class
from tutorarc.models import User


class ClassSubject:
    """For views whose path names a class: finds it with the caller's role in it, as `klass`, and judges that role."""

    klass: Class
    kwargs: dict[str, Any]

    def find_subject(self, request: Any) -> None:
        if "class_id" in self.kwargs:
            self.klass = _find(request.user, self.kwargs["class_id"])
            self.check_object_permissions(request, self.klass)  # type: ignore[attr-defined]


def _find(user: User, class_id: str) -> Class:
    try:
        return Class.objects.with_role_of(user).get(pk=class_id)
    except (Class.DoesNotExist, ValidationError):
        raise Http404 from None
