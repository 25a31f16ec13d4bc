"""The attendance of a class as a CSV file: a row for each student, a column for each lesson of a period.

Students who left have a row if they came to one of these lessons, or were marked.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.http.response import StreamingHttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.lookups import class_of_page
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from members.querysets import MembershipQuerySet
from sessions.attendance.labels import LABELS
from sessions.models import Attendance, AttendanceStatus, LiveSession
from sessions.models.attendance import late_minutes
from tutorarc.domain.clock import start_of
from tutorarc.staff.csv_file import BOM, escape_formula
from tutorarc.staff.export import chunks, csv_text

DAY = timedelta(days=1)
PERIOD = timedelta(days=183)  # without dates
MAX_LESSONS = 200  # the latest of the period

Marks = dict[tuple[str, str], tuple[str, int]]  # status and minutes after the start, by lesson and person


@require_safe
@login_required
@never_cache
def attendance_file(request: HttpRequest, class_id: str) -> HttpResponseBase:
    """For teachers of the class: `?from=` and `?until=` are days in their time zone, `until` the last one.

    Raises PermissionDenied for others, and Http404.
    """
    klass = class_of_page(request, class_id)
    until = _day(request, "until") or timezone.localdate()
    lessons = _lessons(klass, _day(request, "from") or first_day_by_default(until), until)
    name = f"attendance-{klass.class_code}-{until:%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _lines(klass, lessons),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _day(request: HttpRequest, name: str) -> date | None:
    """None without one. Raises Http404 for what is no date."""
    text = request.GET.get(name, "")
    try:
        day = parse_date(text)
    except ValueError:  # such as 30 February
        day = None
    if text and day is None:
        raise Http404
    return day


def first_day_by_default(last: date) -> date:
    """The first day of the period that ends with `last`, if no other is chosen."""
    return max(last, date.min + PERIOD) - PERIOD


def _lessons(klass: Class, first: date, last: date) -> list[LiveSession]:
    """The lessons that started on these days, without cancelled ones, oldest first."""
    end = min(start_of(min(last, timezone.localdate()) + DAY), timezone.now())
    held = LiveSession.objects.filter(klass=klass, start_time__gte=start_of(first), start_time__lt=end)
    return list(held.filter(cancelled_at=None).order_by("-start_time", "-pk")[:MAX_LESSONS])[::-1]


def _lines(klass: Class, lessons: Sequence[LiveSession]) -> Iterator[str]:
    counted = [str(label) for label in LABELS.values()]
    heads = [f"{timezone.localtime(lesson.start_time):%Y-%m-%d %H:%M} {lesson.title}" for lesson in lessons]
    yield BOM + csv_text([[escape_formula(cell) for cell in (_("Name"), *heads, *counted, _("Minutes late"))]])
    for some in chunks(_students(klass, lessons).select_related("user").order_by("folded_name", "pk")):
        marks = _marks(lessons, some)
        yield csv_text(_row(member, lessons, marks) for member in some)


def _students(klass: Class, lessons: Sequence[LiveSession]) -> MembershipQuerySet:
    is_student = Q(role=ClassRole.STUDENT, status=MembershipStatus.APPROVED)
    theirs = Attendance.objects.filter(session__in=lessons, user=OuterRef("user"))
    return Membership.objects.filter(is_student | Exists(theirs), klass=klass)


def _marks(lessons: Sequence[LiveSession], members: Sequence[Any]) -> Marks:
    found = Attendance.objects.filter(session__in=lessons, user__in=[member.user_id for member in members])
    starts = {lesson.pk: lesson for lesson in lessons}
    columns = found.values_list("session_id", "user_id", "status", "arrived_at")
    return {(pk, user): (status, late_minutes(starts[pk], arrived) or 0) for pk, user, status, arrived in columns}


def _row(member: Any, lessons: Sequence[LiveSession], marks: Marks) -> list[str]:
    own = [marks.get((lesson.pk, member.user_id), ("", 0)) for lesson in lessons]
    statuses = [status for status, _late in own]
    words = [str(LABELS[AttendanceStatus(status)]) if status else "" for status in statuses]
    late = sum(minutes for status, minutes in own if status == AttendanceStatus.LATE)
    counts = [str(statuses.count(status)) for status in LABELS]
    return [escape_formula(cell) for cell in (member.user.display_name, *words, *counts, str(late))]
