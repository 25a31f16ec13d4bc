"""The page of a lesson's attendance."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sessions.attendance.file_form import AttendanceFileForm
from sessions.attendance.labels import LABELS
from sessions.attendance.students import students_of
from sessions.lesson_pages import page_context
from sessions.models import Attendance, LiveSession
from sessions.models.attendance import MAX_MARKS, shown
from sessions.permissions import MayRead, may_change
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.pagination import MAX_PAGE_SIZE

REFUSALS: dict[str, Any] = {
    Attendance.NotAStudent.reason: _("This person is no student of the class any more."),
    LiveSession.Cancelled.reason: _("This lesson was cancelled, so nobody can be marked."),
}


class AttendancePage(HtmlPage):
    """Shown after each call about the attendance of a lesson."""

    success_messages = {"partial_update": _("Marked."), "mark": _("Marked.")}

    def page(self) -> Page:
        self.reload_object()
        session = getattr(self.view, "session", None)
        if self.status in (401, 404) or self.is_throttled_read or session is None or not self.may_read(session):
            return self.refusal()
        if self.error:
            self.error["message"] = REFUSALS.get(self.error["reason"], self.error["message"])
        return "sessions/attendance.html", self.context(session)

    def may_read(self, session: LiveSession) -> bool:
        return MayRead().has_object_permission(self.request, self.view, session)

    def context(self, session: LiveSession) -> dict[str, Any]:
        address = reverse("session-attendance", args=[session.pk])
        can_manage = may_change(self.user, session)
        students = students_of(session)
        listing = self.listing() if self.action == "list" else self.first_page(students, list_of(session))
        prefetch_related_objects(listing["rows"], "user")
        rows = [row_of(session, member) for member in listing["rows"]]
        lesson = (session.title, reverse("session-detail", args=[session.pk]))
        return {
            **listing,
            "title": _("Attendance"),
            "crumbs": [*page_context(session.klass)["crumbs"], lesson],
            "session": session,
            "rows": rows,
            "unmarked": unmarked_of(students) if can_manage else [],
            "is_anybody_marked": any(row["status"] for row in rows),
            "can_manage": can_manage,
            "can_mark": can_manage and not session.is_class_archived and session.cancelled_at is None,
            "choices": LABELS.items(),
            "address": address,
            "file": AttendanceFileForm(session.klass) if can_manage and session.klass else None,
        }


def list_of(session: LiveSession) -> str:
    """The address of the page: with as many students as a page can have, so that a click seldom leads to another."""
    return reverse("session-attendance", args=[session.pk], query={"page_size": MAX_PAGE_SIZE})


def unmarked_of(students: Any) -> list[str]:
    """Ids of those of `students_of` who have not come and whom nobody marked, on other pages too.

    At most as many as one call takes.
    """
    return list(students.filter(attendance_status=None).order_by("pk").values_list("user_id", flat=True)[:MAX_MARKS])


def row_of(session: LiveSession, member: Any) -> dict[str, Any]:
    """What the page shows of one of `students_of`."""
    about = shown(session, member.user_id, member.attendance_status, member.arrived_at)
    return {"member": member, "status": about["status"], "late": about["lateMinutes"], "arrived_at": member.arrived_at}
