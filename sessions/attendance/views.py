"""The API of attendance (docs/contract.md, "Attendance")."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from classes.models import Class
from members.models import Membership
from sessions.attendance import examples
from sessions.attendance.page import AttendancePage
from sessions.attendance.serializers import AttendanceSerializer, MarkSerializer, MarksSerializer
from sessions.attendance.students import as_shown, students_of
from sessions.envelope import EnvelopePagination, answer_of, list_answer_of, success
from sessions.lookups import session_for
from sessions.models import Attendance, LiveSession
from sessions.permissions import MayChange, MayRead, may_change
from tutorarc.api.actions import PossibleError, api_action
from tutorarc.api.pagination import OLDEST_FIRST, Ordering
from tutorarc.api.viewsets import ApiViewSet
from tutorarc.db.keyset import Window
from tutorarc.http.error_reasons import ErrorReason

BY_NAME = Ordering(("folded_name", "pk"))
ERRORS: list[PossibleError] = [Class.Archived, LiveSession.Cancelled, Attendance.NoClass, Attendance.NotAStudent]


class AttendanceViewSet(ApiViewSet):
    """Attendance: which students came to a live session of their class, and when."""

    tag = "Attendance"
    queryset = Membership.objects.all()
    serializer_class = AttendanceSerializer
    pagination_class = EnvelopePagination
    html_page_class = AttendancePage

    session: LiveSession

    def load_object(self, request: Request) -> None:
        """404 for a person who isn't on the list, whether there is such a person or not."""
        self.session = session_for(request.user, self.kwargs["session_id"])
        self.check_object_permissions(request, self.session)
        if "user_id" in self.kwargs:
            get_object_or_404(students_of(self.session), user=self.kwargs["user_id"])

    def ordering_of(self, request: Request) -> Ordering:
        return BY_NAME if self.is_page_for_person else OLDEST_FIRST

    def page(self, queryset: QuerySet[Membership], window: Window) -> QuerySet[Membership]:
        """All for those who may change the session. Students see their own."""
        students = students_of(self.session)
        return students if may_change(self.user, self.session) else students.filter(user=self.user)

    def represent(self, row: Any) -> dict[str, Any]:
        return row.as_shown() if isinstance(row, Attendance) else as_shown(self.session, row)

    @api_action(
        summary="List who came to a live session",
        permission=MayRead,
        scope="sessions:read",
        many=True,
        examples=examples.LIST,
    )
    def list(self, request: Request, session_id: str) -> Response:
        """The students of its class in the order in which they asked to join, and others who came or were marked.

        Students see their own attendance. Empty for a session without a class.
        """
        return self.answer_page()

    @api_action(
        summary="Mark the attendance of several students",
        permission=MayChange,
        scope="sessions:write",
        request=MarksSerializer,
        response=list_answer_of(AttendanceSerializer),
        errors=ERRORS,
        examples=examples.MARK_ALL,
    )
    def mark(self, request: Request, session_id: str) -> Response:
        """All or nothing, in the order given."""
        body = self.read_body()
        marks = dict.fromkeys(body["user_ids"], body["status"])
        return Response(success(self.show(Attendance.objects.mark(self.session, marks, self.actor), many=True)))

    @api_action(
        summary="Mark the attendance of a student",
        permission=MayChange,
        scope="sessions:write",
        request=MarkSerializer,
        response=answer_of(AttendanceSerializer),
        errors=[*ERRORS, ErrorReason.UNKNOWN_ID],
        examples=examples.MARK,
    )
    def partial_update(self, request: Request, session_id: str, user_id: str) -> Response:
        """Before, during or after the session. What a teacher marks stays when the student arrives."""
        [marked] = Attendance.objects.mark(self.session, {user_id: self.read_body()["status"]}, self.actor)
        return Response(success(self.show(marked)))
