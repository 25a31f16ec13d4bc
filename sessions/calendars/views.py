from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from classes.lookups import class_for
from classes.models import Class
from classes.permissions import IsApprovedMember, may_see_code
from sessions.calendars import examples
from sessions.calendars.addresses import addresses_of
from sessions.calendars.pages import CalendarPage
from sessions.calendars.serializers import CalendarSerializer, RenewedCalendarSerializer
from tutorarc.api.actions import api_action
from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.permissions import IsAdmin, IsAuthenticated
from tutorarc.api.unknown_ids import is_well_formed
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.http.error_reasons import ErrorReason


class CalendarViewSet(ApiViewSet):
    """Feeds of live sessions, to which calendars subscribe."""

    tag = "Calendars"
    serializer_class = CalendarSerializer
    html_page_class = CalendarPage
    secrets = frozenset({"url", "webcal_url"})
    extra_parameters = [
        OpenApiParameter("class_id", description="The feed of this class alone, of which you are an approved member.")
    ]
    klass: Class | None = None

    def load_object(self, request: Request) -> None:
        """The class that the query names. Raises PermissionDenied, and InvalidParameter for a wrong id."""
        class_id = request.query_params.get("class_id", "")
        self.klass = self._class_of_query(class_id) if class_id else None

    def _class_of_query(self, class_id: str) -> Class:
        if not is_well_formed("class_id", class_id):
            raise InvalidParameter("class_id", "This is not an id of the form cls_….", code="malformed_id")
        try:
            klass = class_for(self.user, class_id)
        except Http404:
            raise InvalidParameter("class_id", "There is no class with this id.", code="unknown_id") from None
        if not may_see_code(self.user, klass):
            self.deny(IsApprovedMember | IsAdmin, klass)
        return klass

    def answer(self, result: Any) -> Response:
        class_id, name = (self.klass.pk, self.klass.title) if self.klass else (None, "TutorArc")
        self.addresses = addresses_of(self.request, result, class_id, name)
        return super().answer(self.addresses)

    @api_action(
        summary="Look up the address of your calendar feed",
        permission=IsAuthenticated,
        scope="sessions:read",
        errors=[ErrorReason.NOT_A_MEMBER],
        examples=examples.ADDRESSES,
    )
    def retrieve(self, request: Request) -> Response:
        """The feed has your live sessions: those of the classes that approved you, and your own without a class.

        It needs no credential: whoever knows the address can read it, until you renew it.
        """
        return self.answer(self.user)

    @api_action(
        summary="Renew the addresses of your calendar feeds",
        permission=IsAuthenticated,
        scope="sessions:write",
        response=RenewedCalendarSerializer,
        errors=[ErrorReason.NOT_A_MEMBER],
        examples=examples.ADDRESSES,
    )
    def renew(self, request: Request) -> Response:
        """Every address that was given out before stops working, also those of single classes.

        Use it if somebody else knows one. Then subscribe again with the new address. If the same call is sent again
        with its `Idempotency-Key`, both addresses are null: look them up.
        """
        self.read_body()
        return self.answer(self.user.renew_calendar(self.actor))
