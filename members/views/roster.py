"""The list of a class's people, now or as it was at a moment."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from classes.permissions import IsClassTeacher, IsOnRecord
from members import examples
from members.filters import BY_POSITION, ORDERINGS, MembershipFilter, PastRosterFilter
from members.models import Membership, page_of_members
from members.pagination import FilteredRosterPagination
from members.past_rosters import as_members
from members.people import STUDENTS_QUERY
from members.people_page import PeoplePage
from members.querysets import MembershipQuerySet
from members.views.base import MembershipResource
from tutorarc.api.actions import api_action
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.pagination import OLDEST_FIRST, Ordering
from tutorarc.api.permissions import IsAdmin
from tutorarc.db.keyset import Window
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import Event, User
from tutorarc.models.event import number_events
from tutorarc.models.event_queryset import EventQuerySet

LOOKED_AT = 1_000  # memberships of one page of a filtered past roster


class RosterViewSet(MembershipResource):
    """The list of the people of a class."""

    filterset_class = MembershipFilter
    html_page_class = PeoplePage

    is_tab = False  # whether the page shows all sections

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
