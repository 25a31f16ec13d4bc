from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from classes.models import Class
from sessions import examples
from sessions.by_time import in_ordering, ordering_of_page
from sessions.envelope import EnvelopePagination, answer_of, success
from sessions.filters import LiveSessionFilter
from sessions.forms import SessionChangesForm
from sessions.lookups import class_named, session_for
from sessions.models import LiveSession, Series
from sessions.models.series_changes import cancel, reschedule
from sessions.pages import SessionPage
from sessions.permissions import MayChange, MayRead
from sessions.querysets import LiveSessionQuerySet
from sessions.repeat_form import kept_starts
from sessions.schedule_form import NO_CLASS, ask_about_past, body_of, is_sent
from sessions.scheduling_views import SCHEDULE_ERRORS, ScheduleSessionMixin, with_role
from sessions.serializers import (
    CancelSerializer,
    LiveSessionSerializer,
    NewSessionOrSeriesSerializer,
    SessionChangesSerializer,
)
from sessions.series_serializers import NewSeriesSerializer
from tutorarc.api.actions import api_action
from tutorarc.api.pagination import Ordering
from tutorarc.api.permissions import IsAdmin, IsAuthenticated, IsTeacher
from tutorarc.db.keyset import Window

SERIES_LOCATION = "/api/v1/series/{data[seriesId]}"


class LiveSessionViewSet(ScheduleSessionMixin):
    """Live classroom sessions, and the links that open them."""

    tag = "Live sessions"
    queryset = LiveSession.objects.all()
    serializer_class = LiveSessionSerializer
    filterset_class = LiveSessionFilter
    html_page_class = SessionPage
    changes = SessionChangesForm
    pagination_class = EnvelopePagination
    lookup_url_kwarg = "session_id"
    location = "/api/v1/sessions/{data[sessionId]}"

    def answer(self, result: Any) -> Response:
        return Response(success(self.show(result)), status=self.spec.status)

    def answer_series(self, sessions: list[LiveSession]) -> Response:
        """The new series with its sessions, to a caller who may change them."""
        data = {"seriesId": sessions[0].series_id, "sessions": self.show(sessions, many=True)}
        return Response(success(data), status=self.spec.status)

    def location_of(self, data: Any) -> str:
        is_series = "sessions" in data.get("data", {})
        return SERIES_LOCATION.format_map(data) if is_series else super().location_of(data)

    def load_object(self, request: Request) -> None:
        if "session_id" in self.kwargs:
            self.session = session_for(request.user, self.kwargs["session_id"])
            self.check_object_permissions(request, self.session)

    def ordering_of(self, request: Request) -> Ordering:
        return ordering_of_page(request) if self.is_page_for_person else super().ordering_of(request)

    def page(self, queryset: LiveSessionQuerySet, window: Window) -> QuerySet[LiveSession]:
        if self.is_page_for_person:
            queryset = in_ordering(queryset, self.ordering_of(self.request), timezone.now())
        return self.visible(queryset, window)

    def visible(self, queryset: LiveSessionQuerySet, window: Window) -> LiveSessionQuerySet:
        return queryset.visible_to(self.user, window).with_role_of(self.user)

    def sent(self) -> Any:
        body = super().sent()
        return body_of(body, self._chosen_class(body)) if self._is_scheduled_on_page else body

    def read_body(self) -> dict[str, Any]:
        fields = super().read_body()
        sent: Any = self.request.data
        if self._is_scheduled_on_page and "starts" in fields:
            return fields | {"starts": kept_starts(sent, fields)}
        if self._is_scheduled_on_page:
            ask_about_past(sent, fields["start_time"])
        return fields

    @property
    def _is_scheduled_on_page(self) -> bool:
        return self.action == "create" and is_sent(self.request.data)

    def _chosen_class(self, sent: QueryDict) -> Class | None:
        class_id = sent.get("classId", "").strip()
        return class_named(class_id, self.user) if class_id not in ("", NO_CLASS) else None

    @api_action(
        summary="List live sessions",
        permission=IsAuthenticated,
        scope="sessions:read",
        many=True,
        examples=examples.LIST,
    )
    def list(self, request: Request) -> Response:
        """Those of the classes that approved you and your own without a class; for administrators all. Newest first."""
        return self.answer_page()

    @extend_schema(
        responses={
            201: PolymorphicProxySerializer(
                component_name="LiveSessionOrNewSeries",
                serializers=[answer_of(LiveSessionSerializer), answer_of(NewSeriesSerializer)],
                resource_type_field_name=None,
            )
        }
    )
    @api_action(
        summary="Schedule a live session, or a series of them",
        permission=IsTeacher | IsAdmin,
        scope="sessions:write",
        request=NewSessionOrSeriesSerializer,
        response=answer_of(LiveSessionSerializer),
        status=201,
        errors=[*SCHEDULE_ERRORS, Series.SkippedTime],
        examples=examples.CREATE,
    )
    def create(self, request: Request) -> Response:
        """Like a live session by `POST /api/v1/classes`, with the whole session as the answer.

        With `recurrence` a series: one session for each time that the rule gives, at the same local time in `timeZone`
        also where clocks change. The answer has `seriesId` and all `sessions`.
        """
        sessions = self.schedule()
        return self.answer_series(sessions) if sessions[0].series_id else self.answer(sessions[0])

    @api_action(
        summary="Look up a live session",
        permission=MayRead,
        scope="sessions:read",
        response=answer_of(LiveSessionSerializer),
        examples=examples.RETRIEVE,
    )
    def retrieve(self, request: Request, session_id: str) -> Response:
        """For the approved members of its class, the creator of a session without a class, and administrators."""
        return self.answer(self.session)

    @api_action(
        summary="Reschedule a live session",
        permission=MayChange,
        scope="sessions:write",
        request=SessionChangesSerializer,
        response=answer_of(LiveSessionSerializer),
        errors=[
            *(LiveSession.TooLate, Class.Archived, LiveSession.Over, LiveSession.Cancelled),
            *(Series.SkippedTime, Series.NotInSeries, Series.Over),
        ],
        examples=examples.RESCHEDULE,
    )
    def partial_update(self, request: Request, session_id: str) -> Response:
        """Send only the fields to change. A session that somebody ended or cancelled can't be changed.

        One that only the clock ended can be moved to another time. With `scope` the change is also for others of its
        series: with another `startTime` each is moved by as much, in the local time of the series.
        """
        return self._changed(reschedule(self.session, self.actor, **self.read_body()))

    @action(detail=True, methods=["post"])
    @api_action(
        summary="Cancel a live session",
        permission=MayChange,
        scope="sessions:write",
        request=CancelSerializer,
        response=answer_of(LiveSessionSerializer),
        errors=[Class.Archived, LiveSession.Begun, LiveSession.Over, Series.NotInSeries],
        examples=examples.CANCEL,
    )
    def cancel(self, request: Request, session_id: str) -> Response:
        """Before it begins. Repeating it changes nothing, also not the message.

        With `scope` also others of its series.
        """
        return self._changed(cancel(self.session, self.actor, **self.read_body()))

    @action(detail=True, methods=["post"])
    @api_action(
        summary="End a live session",
        permission=MayChange,
        scope="sessions:write",
        response=answer_of(LiveSessionSerializer),
        errors=[Class.Archived, LiveSession.Cancelled],
        examples=examples.END,
    )
    def end(self, request: Request, session_id: str) -> Response:
        """End the session now. Repeating it changes nothing."""
        self.read_body()
        return self._changed(self.session.end(self.actor))

    @action(detail=True, methods=["post"], url_path="links/renew")
    @api_action(
        summary="Renew the links of a live session",
        permission=MayChange,
        scope="sessions:write",
        response=answer_of(LiveSessionSerializer),
        errors=[Class.Archived],
        examples=examples.RETRIEVE,
    )
    def renew_links(self, request: Request, session_id: str) -> Response:
        """Use it if a teacher link with a token got into the wrong hands: no token handed out before opens the session.

        Links without a token stay as they are.
        """
        self.read_body()
        return self._changed(self.session.renew_links(self.actor))

    def _changed(self, session: LiveSession) -> Response:
        return self.answer(with_role(session, self.session))
