"""What a lesson can be scheduled for on pages, and what the form is filled in with."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from sessions.models import LiveSession
from sessions.schedule_form import NO_CLASS, OTHER, ScheduleForm
from tutorarc.models import User

CLASSES_TO_CHOOSE = 100
WEEK = timedelta(weeks=1)
LENGTHS = {value for value, _label in ScheduleForm.base_fields["length"].choices}  # type: ignore[attr-defined]


def classes_to_choose(user: User) -> list[tuple[str, str]]:
    """The newest active classes that the user teaches, as choices. The code tells those with the same title apart."""
    teaches = Q(
        memberships__user=user, memberships__role=ClassRole.TEACHER, memberships__status=MembershipStatus.APPROVED
    )
    classes = list(Class.objects.filter(teaches, status=Class.Status.ACTIVE).order_by("-pk")[:CLASSES_TO_CHOOSE])
    count = Counter(klass.title for klass in classes)
    return [(klass.pk, str(klass) if count[klass.title] > 1 else klass.title) for klass in classes]


def values_for(user: User, former: LiveSession | None, now: datetime) -> dict[str, Any]:
    """What the form begins with: like a former lesson, one week later."""
    if former is None:
        return {"teacherId": user.pk}
    length = str(former.duration)
    return {
        "title": former.title,
        "classId": former.klass_id or NO_CLASS,
        "startTime": week_later(former.start_time, now),
        "formerStart": former.start_time,
        "length": length if length in LENGTHS else OTHER,
        "duration": former.duration,
        "strict": former.strict,
        "roomUrl": former.room_url,
        "teacherId": former.teacher_ref,
    }


def week_later(start: datetime, now: datetime) -> datetime:
    """The next time in the future that is whole weeks later."""
    weeks = max(1, (now - start) // WEEK + 1)
    return start + weeks * WEEK if start.year < 9999 else start
