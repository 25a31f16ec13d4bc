from typing import Any

from rest_framework.generics import get_object_or_404

from classes.models import Class


class ClassSubject:
    """For views whose path names a class: finds it with the caller's role in it, as `klass`, and judges that role."""

    klass: Class
    kwargs: dict[str, Any]

    def find_subject(self, request: Any) -> None:
        if "class_id" in self.kwargs:
            self.klass = get_object_or_404(Class.objects.with_role_of(request.user), pk=self.kwargs["class_id"])
            self.check_object_permissions(request, self.klass)  # type: ignore[attr-defined]
