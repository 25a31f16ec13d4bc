from typing import Any

from django.db.models import QuerySet, prefetch_related_objects
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from classes.lookups import ClassLookupMixin
from classes.permissions import IsApprovedMember, IsClassTeacher, IsOnRecord, can_manage_class
from members import code_guesses, examples
from members.filters import MembershipFilter
from members.models import Membership, page_of_members
from members.pages import JoinPage, MembersPage
from members.serializers import (
    EnrolmentSerializer,
    JoinSerializer,
    MembershipSerializer,
    RoleSerializer,
    UserIdSerializer,
    UserIdsSerializer,
)
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.pagination import OLDEST_FIRST, Ordering
from tutorarc.api.permissions import IsAdmin, IsStudent
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.models import User


class MembershipResource(ClassLookupMixin, ApiViewSet):
    """Base of all calls that return memberships."""

    tag = "Members"
    resource = "members"
    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    extra_parameters = [OpenApiParameter("expand", enum=["user"], description="Adds the person to each membership.")]

    @property
    def expands_user(self) -> bool:
        return self.swagger_fake_view or self.request.query_params.get("expand") == "user"

    @property
    def shows_emails(self) -> bool:
        return can_manage_class(self.request.user, getattr(self, "klass", None))

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if request.query_params.get("expand", "user") != "user":
            raise InvalidParameter("expand", "The only value is user.")

    def show(self, subject: Any, *, many: bool = False) -> Any:
        if self.expands_user:
            prefetch_related_objects(subject if many else [subject], "user")
        return super().show(subject, many=many)


class MembershipViewSet(MembershipResource):
    """The members of a class and their join requests."""

    filterset_class = MembershipFilter
    screen = MembersPage
    lookup_url_kwarg = "user_id"
    permissions = {
        "list": IsOnRecord | IsAdmin,
        "create": IsClassTeacher | IsAdmin,
        "partial_update": IsClassTeacher | IsAdmin,
        "approve": IsClassTeacher | IsAdmin,
        "reject": IsClassTeacher | IsAdmin,
        "remove": IsClassTeacher | IsAdmin,
        "reopen": IsClassTeacher | IsAdmin,
    }
    serializers = {
        "create": EnrolmentSerializer,
        "partial_update": RoleSerializer,
        "approve": UserIdsSerializer,
        "reject": UserIdsSerializer,
        "remove": UserIdSerializer,
        "reopen": UserIdsSerializer,
    }
    answers_array = frozenset({"approve", "reject", "reopen"})
    examples = examples.MEMBERS
    further_errors = {"partial_update": {409}}
    summaries = {
        "list": "List the people of a class",
        "create": "Add someone without a join request",
        "partial_update": "Change the class role of a member",
        "approve": "Approve pending join requests",
        "reject": "Reject pending join requests",
        "remove": "Remove an approved member",
        "reopen": "Reopen a rejected or removed record",
    }

    def load_object(self, request: Request) -> None:
        """Check that the user in the path exists (404) before the class role (403)."""
        if "user_id" in self.kwargs:
            get_object_or_404(User, pk=self.kwargs["user_id"])
        super().load_object(request)

    def ordering_of(self, request: Request) -> Ordering:
        return OLDEST_FIRST

    def page(self, queryset: QuerySet[Membership], window: Window) -> QuerySet[Membership]:
        members = queryset.filter(klass=self.klass)
        return members.select_related("user") if self.expands_user else members

    def rows(self, queryset: QuerySet[Membership], window: Window) -> list[Membership]:
        if self.is_filtered:
            return super().rows(queryset, window)
        return page_of_members(self.klass, window, with_people=self.expands_user)

    def list(self, request: Request, class_id: str) -> Response:
        """All memberships of the class, whatever their status, oldest first."""
        return super().list(request)

    def create(self, request: Request, class_id: str) -> Response:
        """Direct enrolment: the membership is approved at once. Use it to add a co-teacher."""
        body = self.read_body()
        person = User.objects.filter(**_who(body)).first()
        if person is None:
            raise Membership.UnknownPerson()
        member = Membership.objects.enrol(self.klass, person, body["role"], self.actor)
        return Response(self.show(member), status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, class_id: str, user_id: str) -> Response:
        """The member must be APPROVED. A class must keep at least one teacher."""
        role = self.read_body()["role"]
        return Response(self.show(Membership.objects.change_role(self.klass, user_id, role, self.actor)))

    @action(detail=False, methods=["post"])
    def approve(self, request: Request, class_id: str) -> Response:
        """All or nothing: if one person isn't PENDING, nothing changes."""
        return self._batch(Membership.objects.approve)

    @action(detail=False, methods=["post"])
    def reject(self, request: Request, class_id: str) -> Response:
        """All or nothing: if one person isn't PENDING, nothing changes."""
        return self._batch(Membership.objects.reject)

    @action(detail=False, methods=["post"])
    def reopen(self, request: Request, class_id: str) -> Response:
        """REJECTED or REMOVED people become PENDING again, all or nothing."""
        return self._batch(Membership.objects.reopen)

    @action(detail=False, methods=["post"])
    def remove(self, request: Request, class_id: str) -> Response:
        """The record stays, as REMOVED. The last teacher of a class can't be removed."""
        member = Membership.objects.remove(self.klass, self.read_body()["user_id"], self.actor)
        return Response(self.show(member))

    def _batch(self, verb: Any) -> Response:
        members = verb(self.klass, self.read_body()["user_ids"], self.actor)
        return Response(self.show(members, many=True))


class JoiningViewSet(MembershipResource):
    """Join requests by class code, and leaving a class."""

    screen = JoinPage
    permissions = {"join": IsStudent, "join_by_code": IsStudent, "leave": IsApprovedMember}
    serializers = {"join": JoinSerializer, "join_by_code": JoinSerializer}
    success = {"join": 201, "join_by_code": 201}
    examples = examples.JOINING
    summaries = {
        "join": "Request to join a class",
        "join_by_code": "Request to join a class by its code",
        "leave": "Leave a class",
    }

    def check_throttles(self, request: Request) -> None:
        super().check_throttles(request)
        if self.action != "leave":
            code_guesses.refuse_if_spent(request)

    def join(self, request: Request, class_id: str) -> Response:
        """For students. An existing membership, whatever its status, is a conflict."""
        return self._request(lambda code: Membership.objects.request(self.klass, code, self.actor))

    def join_by_code(self, request: Request) -> Response:
        """For students who have only the code."""
        return self._request(lambda code: Membership.objects.request_by_code(code, self.actor))

    def leave(self, request: Request, class_id: str) -> Response:
        """The record stays, as REMOVED. The last teacher of a class can't leave."""
        self.read_body()
        return Response(self.show(Membership.objects.leave(self.klass, self.actor)))

    def _request(self, verb: Any) -> Response:
        member = verb(self.read_body()["class_code"])
        return Response(self.show(member), status=status.HTTP_201_CREATED)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Membership.WrongCode):
            exc = code_guesses.counted(self.request, exc)
        return super().handle_exception(exc)


def _who(body: dict[str, str]) -> dict[str, str]:
    return {"pk": body["user_id"]} if "user_id" in body else {"email": body["email"].lower()}
