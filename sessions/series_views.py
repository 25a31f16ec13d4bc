"""The API of series."""

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from sessions import examples
from sessions.envelope import EnvelopePagination, answer_of, success
from sessions.models import LiveSession, Series
from sessions.models.series import SeriesQuerySet
from sessions.permissions import MayReadSeries
from sessions.series_serializers import SeriesSerializer, SeriesWithSessionsSerializer
from tutorarc.api.actions import api_action
from tutorarc.api.permissions import IsAuthenticated
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.ids import MalformedId, to_uuid
from tutorarc.db.keyset import Window
from tutorarc.models import User


class SeriesViewSet(ApiViewSet):
    """Series of live sessions, which are created by a live session with a recurrence."""

    tag = "Series"
    queryset = Series.objects.all()
    serializer_class = SeriesSerializer
    pagination_class = EnvelopePagination
    lookup_url_kwarg = "series_id"

    def load_object(self, request: Request) -> None:
        if "series_id" in self.kwargs:
            self.series = series_for(self.user, self.kwargs["series_id"])
            self.check_object_permissions(request, self.series)

    def page(self, queryset: SeriesQuerySet, window: Window) -> SeriesQuerySet:
        return queryset.visible_to(self.user, window)

    @api_action(
        summary="List series of live sessions",
        permission=IsAuthenticated,
        scope="sessions:read",
        many=True,
        examples=examples.LIST_SERIES,
    )
    def list(self, request: Request) -> Response:
        """Those of the classes that approved you and your own without a class; for administrators all. Newest first."""
        return self.answer_page()

    @api_action(
        summary="Look up a series of live sessions",
        permission=MayReadSeries,
        scope="sessions:read",
        response=answer_of(SeriesWithSessionsSerializer),
        examples=examples.RETRIEVE_SERIES,
    )
    def retrieve(self, request: Request, series_id: str) -> Response:
        """With its sessions. For those who may look them up."""
        sessions = LiveSession.objects.filter(series=self.series).with_role_of(self.user)
        self.series.shown_sessions = sessions.order_by("start_time", "pk")
        show = SeriesWithSessionsSerializer(context=self.get_serializer_context()).to_representation
        return Response(success(show(self.series)))


def series_for(user: User, series_id: str) -> Series:
    """The series with the user's role in its class. Raises Http404, also for a malformed id."""
    try:
        to_uuid("ser", series_id)
    except MalformedId:
        raise Http404 from None
    found = Series.objects.with_role_of(user).filter(pk=series_id).first()
    if found is None:
        raise Http404
    return found
