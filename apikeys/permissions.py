from typing import Any

from rest_framework.permissions import BasePermission


class IsOwner(BasePermission):
    who = "the owner of this key"

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return obj.owner_id == request.user.pk
