from dataclasses import replace
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from tutorarc.api.actions import api_action
from tutorarc.api.browsable import HtmlPage
from tutorarc.api.call_checks import ALWAYS_ALLOWED_PARAMETERS, PAGE_PARAMETERS
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.pagination import KeysetPagination, Ordering
from tutorarc.api.permissions import IsAuthenticated
from tutorarc.api.unknown_ids import KINDS, is_well_formed
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.feed import examples
from tutorarc.feed.filters import EventFilter
from tutorarc.feed.pages import EventsPage, HistoryPage
from tutorarc.feed.pagination import LATEST_FIRST, FeedPagination, HistoryPagination
from tutorarc.feed.serializers import EventSerializer
from tutorarc.feed.subjects import SUBJECTS, Shown, represent
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.models.event_queryset import CREATORS, EventQuerySet
from tutorarc.models.event_types import PUBLIC_TYPES

HISTORY_PARAMETERS = {"class_id", "user_id", *PAGE_PARAMETERS, *ALWAYS_ALLOWED_PARAMETERS}
LOOKED_AT = 5_000  # events of one page at most, where a filter leaves events out


class EventViewSet(ApiViewSet):
    """Every change, in order."""

    tag = "Events"
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilter
    pagination_class: type[KeysetPagination] = FeedPagination
    html_page_class: type[HtmlPage] = EventsPage
    repeatable_parameters = frozenset({"type"})

    def load_object(self, request: Request) -> None:
        """Check that the caller may follow the class and the live session that the query names."""
        self.named = [name for name in SUBJECTS if request.query_params.get(name)]
        self.followed = {name: self._followed(name, request.query_params[name]) for name in self.named}
        if self._is_history(request):
            self.html_page_class, self.pagination_class = HistoryPage, HistoryPagination

    def _is_history(self, request: Request) -> bool:
        """Whether this is the History tab of a class: the page of a class's events, of everybody or of one person."""
        return self.is_page and "class_id" in self.named and request.query_params.keys() <= HISTORY_PARAMETERS

    def ordering_of(self, request: Request) -> Ordering:
        return LATEST_FIRST

    def rows(self, events: EventQuerySet, window: Window) -> list[Event]:
        """One page of a history. The feed itself reads `rows_and_end`."""
        return list(self.scope(events.filter(type__in=PUBLIC_TYPES), window))

    def _followed(self, name: str, text: str) -> Any:
        """The class or live session. Raises PermissionDenied, and InvalidParameter for a wrong id."""
        subject, (prefix, noun) = SUBJECTS[name], KINDS[name]
        if not is_well_formed(name, text):
            raise InvalidParameter(name, f"This is not an id of the form {prefix}_….", code="malformed_id")
        try:
            found = subject.find(self.user, text)
        except Http404:
            raise InvalidParameter(name, f"There is no {noun} with this id.", code="unknown_id") from None
        if not subject.may_follow(self.user, found):
            self.deny(subject.permission, found)
        return found

    def check_parameters(self, request: Request) -> None:
        super().check_parameters(request)
        if self.named_person and not request.query_params.get("class_id"):
            raise InvalidParameter("user_id", "Give class_id too: this is one person's history in a class.")

    @property
    def named_person(self) -> str:
        return self.request.query_params.get("user_id", "")

    @property
    def types(self) -> set[str]:
        """The event types that the query names; empty if it names none."""
        return set(filter(None, self.request.query_params.getlist("type")))

    def scope(self, events: EventQuerySet, window: Window) -> QuerySet[Event]:
        """One page of the events that the query is about, whatever their types."""
        class_id, events = self.request.query_params.get("class_id"), events.numbered()
        if class_id and not self.named_person and "session_id" not in self.named:
            return events.page_of("class_id", class_id, window)
        if self.named:
            return window.cut(events.filter(class_id=class_id) if class_id else events)
        return window.cut(events.of_creator(self.user, window))

    def rows_and_end(self, events: EventQuerySet, window: Window) -> tuple[list[Event], int]:
        """The events of a page, and the position that the next one goes on from."""
        [end] = window.position or (0,)
        shown = events.filter(type__in=self.types or PUBLIC_TYPES)
        if is_sparse := bool(self.types) or (self.user.is_admin and not self.named):
            # Many events may be left out. Look at a limited number, and go on behind them even if none is shown.
            end = self._end_of(events, replace(window, size=LOOKED_AT)) or end
            shown = shown.filter(position__lte=end)
        rows = list(self.scope(shown, window))
        if rows and (len(rows) == window.size or not is_sparse):
            end = rows[-1].position
        return rows, end

    def _end_of(self, events: EventQuerySet, window: Window) -> int:
        """The last position in the window; 0 if it is empty."""
        parts = [part.aggregate(last=Max("position"), size=Count("pk")) for part in self._parts(events, window)]
        full = [part["last"] for part in parts if part["size"] == window.size]
        return min(full) if full else max(part["last"] or 0 for part in parts)

    def _parts(self, events: EventQuerySet, window: Window) -> list[QuerySet[Event]]:
        """The scope without the join of its union, which reads much of the table for a large window."""
        if self.named or not self.user.is_teacher:
            return [self.scope(events, window)]
        return [events.numbered().page_of(column, self.user.pk, window) for column in CREATORS]

    def show(self, result: list[Event], *, many: bool = False) -> list[Shown]:
        return represent(result, self.user)

    @api_action(
        summary="Follow what happens",
        permission=IsAuthenticated,
        scope="events:read",
        many=True,
        errors=[ErrorReason.NOT_A_MEMBER, ErrorReason.WRONG_ROLE, ErrorReason.NOT_THE_OWNER],
        examples=examples.LIST,
    )
    def list(self, request: Request) -> Response:
        """For teachers events of the classes and live sessions that they created, for administrators all. Oldest first.

        With `class_id` those of a class that you teach, with `session_id` those of a live session that you may change.

        `next` is always there. Follow it until it is the address that you asked for, wait a while, and ask again: no
        event is left out, whatever the order in which changes are made.
        """
        number_events()
        return self.answer_page()
