from typing import Any

from tutorarc.api.permissions import Permission
from tutorarc.http.error_reasons import ErrorReason


class IsOwner(Permission):
    who = "the owner of this key"
    reasons = (ErrorReason.NOT_THE_OWNER,)

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return obj.owner_id == request.user.pk
