from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from classes.lookups import ClassLookupMixin
from classes.models import Class
from classes.permissions import IsApprovedMember, IsClassTeacher, IsOnRecord
from members import examples
from members.code_guesses import code_guesses, counted
from members.filters import BY_POSITION, ORDERINGS, MembershipFilter, PastRosterFilter
from members.models import Membership, page_of_members
from members.page_verbs import Verb, as_many_as_possible, let_in
from members.pages import JoinPage
from members.pagination import FilteredRosterPagination
from members.past_rosters import as_members
from members.people import STUDENTS_QUERY
from members.people_page import PeoplePage
from members.querysets import MembershipQuerySet
from members.serializers import (
    EnrolmentSerializer,
    JoinSerializer,
    MembershipSerializer,
    RoleSerializer,
    UserIdSerializer,
    UserIdsSerializer,
)
from members.visibility import Reader
from tutorarc.api.actions import PossibleError, api_action
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.pagination import OLDEST_FIRST, Ordering
from tutorarc.api.permissions import IsAdmin, IsStudent
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.error_words import not_a_choice
from tutorarc.models import Event, User
from tutorarc.models.event import number_events
from tutorarc.models.event_queryset import EventQuerySet

LOOKED_AT = 1_000  # memberships of one page of a filtered past roster

JOIN_ERRORS: list[PossibleError] = [
    Membership.WrongCode,
    Class.Archived,
    Membership.AlreadyOnRecord,
    ErrorReason.TOO_MANY_WRONG_CODES,
]


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


class MembershipViewSet(MembershipResource):
    """The members of a class and their join requests."""

    filterset_class = MembershipFilter
    html_page_class = PeoplePage
    lookup_url_kwarg = "user_id"

    is_tab = False  # whether the page shows all sections
    left_out: list[str] = []  # people for whom a page could not do what was asked

    def load_object(self, request: Request) -> None:
        """Check that the user in the path exists (404) before the class role (403)."""
        if "user_id" in self.kwargs:
            get_object_or_404(User, pk=self.kwargs["user_id"])
        super().load_object(request)
        if self.action == "list" and self.is_page and not request.query_params:
            self._show_tab(request)
        if self.is_past:
            if not self.reader.is_manager:
                self.deny(IsClassTeacher | IsAdmin, self.klass)
            self.queryset, self.filterset_class = Event.objects.all(), PastRosterFilter  # type: ignore[assignment]
            if self.then:
                self.pagination_class = FilteredRosterPagination

    def _show_tab(self, request: Request) -> None:
        """Without a query, the page of a class's people is the list of its students, with other sections above it."""
        self.is_tab = True
        request._request.GET = QueryDict(STUDENTS_QUERY)
        request._request.META["QUERY_STRING"] = STUDENTS_QUERY

    @property
    def is_past(self) -> bool:
        """Whether the list is asked for as it was at a moment."""
        return self.action == "list" and bool(self.request.query_params.get("as_of", "").strip())

    @property
    def then(self) -> dict[str, str]:
        """Conditions on the rows of a past roster."""
        given = {name: self.request.query_params.get(name) for name in ("status", "role")}
        return {f"then__{name}": value for name, value in given.items() if value}

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        for name in ("search", "ordering") if self.is_past else ():
            if request.query_params.get(name):
                raise InvalidParameter(name, "Leave it out: a roster with as_of can't be searched or sorted.")

    def ordering_of(self, request: Request) -> Ordering:
        return BY_POSITION if self.is_past else ORDERINGS.get(request.query_params.get("ordering", ""), OLDEST_FIRST)

    def page(self, queryset: MembershipQuerySet, window: Window) -> QuerySet[Membership]:
        members = queryset.filter(klass=self.klass)
        return members.select_related("user") if self.expands_user or self.is_page else members

    def rows(self, queryset: Any, window: Window) -> list[Membership]:
        with_people = self.expands_user or self.is_page
        if self.is_past:
            return as_members(queryset.page_of("class_id", self.klass.pk, window), with_people=with_people)
        if self.is_filtered or self.action != "list":
            return super().rows(queryset, window)
        return page_of_members(self.klass, window, with_people=with_people)

    def rows_and_end(self, roster: EventQuerySet, window: Window) -> tuple[list[Membership], int | None]:
        """One page of a filtered past roster, and the last position that it looked at, if there may be more behind."""
        looked_at = roster.page_of("class_id", self.klass.pk, replace(window, size=LOOKED_AT))
        positions = list(looked_at.values_list("position", flat=True))
        if not positions:
            return [], None
        bound = {f"position__{'gte' if window.descending else 'lte'}": positions[-1]}
        rows = self.rows(roster.filter(**self.then, **bound), window)
        return rows, positions[-1] if len(positions) == LOOKED_AT else None

    @api_action(
        summary="List the people of a class",
        permission=IsOnRecord | IsAdmin,
        scope="members:read",
        many=True,
        errors=[ErrorReason.WRONG_ROLE],
        examples=examples.LIST,
    )
    def list(self, request: Request, class_id: str) -> Response:
        """All memberships of the class, whatever their status, oldest first.

        For teachers of the class and administrators, `as_of` shows them as they were at that time.
        """
        if self.is_past:
            number_events()
        return self.answer_page()

    @api_action(
        summary="Add someone without a join request",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=EnrolmentSerializer,
        status=201,
        errors=[
            Class.Archived,
            Membership.UnknownPerson,
            Membership.InviteInstead,
            Membership.StudentCannotTeach,
            Membership.AlreadyOnRecord,
        ],
        examples=examples.ENROL,
    )
    def create(self, request: Request, class_id: str) -> Response:
        """Direct enrolment: the membership is approved at once. Use it to add a co-teacher.

        Teachers of the class can add people who are or were in a class that they teach, administrators everybody.
        """
        body = self.read_body()
        person = Membership.objects.person_to_enrol(self.klass, self.user, body["role"], **_who(body))
        email = person.email if "email" in body else ""
        enrol = let_in if self.is_page_for_person else Membership.objects.enrol
        return self.answer(enrol(self.klass, person, body["role"], self.actor, email))

    @api_action(
        summary="Look up one person of a class",
        permission=IsOnRecord | IsAdmin,
        scope="members:read",
        errors=[ErrorReason.UNKNOWN_ID],
        examples=examples.ONE,
    )
    def retrieve(self, request: Request, class_id: str, user_id: str) -> Response:
        """The membership of this person, whatever its status. 404 for a person without a record in the class."""
        return self.answer(get_object_or_404(self.klass.memberships, user=user_id))

    @api_action(
        summary="Change the class role of a member",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=RoleSerializer,
        errors=[
            Class.Archived,
            Membership.NotApproved,
            Membership.StudentCannotTeach,
            Membership.LastTeacher,
        ],
        examples=examples.CHANGE_ROLE,
    )
    def partial_update(self, request: Request, class_id: str, user_id: str) -> Response:
        """The member must be APPROVED. A class must keep at least one active teacher."""
        role = self.read_body()["role"]
        return self.answer(Membership.objects.change_role(self.klass, user_id, role, self.actor))

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Approve pending join requests",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdsSerializer,
        many=True,
        errors=[Class.Archived, Membership.NotInState],
        examples=examples.APPROVE,
    )
    def approve(self, request: Request, class_id: str) -> Response:
        """All or nothing: if one person isn't PENDING, nothing changes."""
        return self._batch(Membership.objects.approve)

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Reject pending join requests",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdsSerializer,
        many=True,
        errors=[Class.Archived, Membership.NotInState],
        examples=examples.REJECT,
    )
    def reject(self, request: Request, class_id: str) -> Response:
        """All or nothing: if one person isn't PENDING, nothing changes."""
        return self._batch(Membership.objects.reject)

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Reopen a rejected or removed record",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdsSerializer,
        many=True,
        errors=[Class.Archived, Membership.NotInState],
        examples=examples.REOPEN,
    )
    def reopen(self, request: Request, class_id: str) -> Response:
        """REJECTED or REMOVED people become PENDING again, all or nothing."""
        return self._batch(Membership.objects.reopen)

    @action(detail=False, methods=["post"])
    @api_action(
        summary="Remove an approved member",
        permission=IsClassTeacher | IsAdmin,
        scope="members:write",
        request=UserIdSerializer,
        errors=[Class.Archived, Membership.NotApproved, Membership.LastTeacher],
        examples=examples.REMOVE,
    )
    def remove(self, request: Request, class_id: str) -> Response:
        """The record stays, as REMOVED. The last active teacher of a class can't be removed."""
        return self.answer(Membership.objects.remove(self.klass, self.read_body()["user_id"], self.actor))

    def _batch(self, verb: Verb) -> Response:
        user_ids = self.read_body()["user_ids"]
        if not self.is_page_for_person:
            return self.answer(verb(self.klass, user_ids, self.actor))
        changed, self.left_out = as_many_as_possible(verb, self.klass, user_ids, self.actor)
        return self.answer(changed)


class JoiningViewSet(MembershipResource):
    """Join requests by class code, withdrawing them, and leaving a class."""

    html_page_class = JoinPage

    def check_throttles(self, request: Request) -> None:
        super().check_throttles(request)
        if self.action in ("join", "join_by_code"):
            code_guesses(request).refuse_if_spent()

    @api_action(
        summary="Request to join a class",
        permission=IsStudent,
        scope="members:write",
        request=JoinSerializer,
        status=201,
        errors=JOIN_ERRORS,
        examples=examples.JOIN,
    )
    def join(self, request: Request, class_id: str) -> Response:
        """For students. An existing membership, whatever its status, is a conflict."""
        return self._request(lambda code: Membership.objects.request(self.klass, code, self.actor))

    @api_action(
        summary="Request to join a class by its code",
        permission=IsStudent,
        scope="members:write",
        request=JoinSerializer,
        status=201,
        errors=JOIN_ERRORS,
        examples=examples.JOIN,
    )
    def join_by_code(self, request: Request) -> Response:
        """For students who have only the code."""
        return self._request(lambda code: Membership.objects.request_by_code(code, self.actor))

    @api_action(
        summary="Withdraw your request to join a class",
        permission=IsOnRecord,
        scope="members:write",
        status=204,
        errors=[Class.Archived, Membership.NoPendingRequest],
    )
    def withdraw(self, request: Request, class_id: str) -> Response:
        """Only while it is PENDING. The record is gone, and you may ask again."""
        self.read_body()
        Membership.objects.withdraw(self.klass, self.actor)
        return Response(status=self.spec.status)

    @api_action(
        summary="Leave a class",
        permission=IsApprovedMember,
        scope="members:write",
        errors=[Class.Archived, Membership.NotApproved, Membership.LastTeacher],
        examples=examples.LEAVE,
    )
    def leave(self, request: Request, class_id: str) -> Response:
        """The record stays, as REMOVED. The last active teacher of a class can't leave."""
        self.read_body()
        return self.answer(Membership.objects.leave(self.klass, self.actor))

    def _request(self, verb: Any) -> Response:
        """Checks the limits once more after the right code: see `GuessLimits`."""
        code = self.read_body()["class_code"]
        with transaction.atomic():
            membership = verb(code)
            code_guesses(self.request).refuse_if_spent()
        return self.answer(membership)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Membership.WrongCode):
            exc = counted(self.request, _typed(self.request), exc)
        return super().handle_exception(exc)


def _typed(request: Any) -> str:
    """The class code that was sent."""
    return str(request.data["class_code"])


def _who(body: dict[str, str]) -> dict[str, str]:
    return {"pk": body["user_id"]} if "user_id" in body else {"email": body["email"]}
