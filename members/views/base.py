"""What all calls that return memberships share."""

from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from classes.lookups import ClassLookupMixin
from members.models import Membership
from members.serializers import MembershipSerializer
from members.visibility import Reader
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.http.error_words import not_a_choice


class MembershipResource(ClassLookupMixin, ApiViewSet):
    """Base of all calls that return memberships."""

    tag = "Members"
    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    location = "/api/v1/classes/{class_id}/members/{user_id}"
    extra_parameters = [OpenApiParameter("expand", enum=["user"], description="Adds the person to each membership.")]

    @property
    def expands_user(self) -> bool:
        return self.swagger_fake_view or self.request.query_params.get("expand") == "user"

    @property
    def reader(self) -> Reader:
        return Reader(self.user, getattr(self, "klass", None))

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if (expand := request.query_params.get("expand", "user")) != "user":
            raise InvalidParameter("expand", not_a_choice(expand, ["user"]))

    def show(self, result: Any, *, many: bool = False) -> Any:
        if self.expands_user:
            prefetch_related_objects(result if many else [result], "user")
        return super().show(result, many=many)
