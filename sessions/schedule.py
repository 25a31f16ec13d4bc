"""What a lesson can be scheduled for on pages, and what the form is filled in with."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from sessions.class_zone import name_of, zone_of
from sessions.models import LiveSession
from sessions.schedule_form import NO_CLASS, OTHER, ClassChoice, ScheduleForm
from sessions.suggested_start import full_hour_tomorrow, weeks_later
from tutorarc.models import User

CLASSES_TO_CHOOSE = 100
LENGTHS = {value for value, _label in ScheduleForm.base_fields["length"].choices}  # type: ignore[attr-defined]


def classes_to_choose(user: User) -> list[ClassChoice]:
    """The newest active classes that the user teaches, as choices. The code tells those with the same title apart."""
    teaches = Q(
        memberships__user=user, memberships__role=ClassRole.TEACHER, memberships__status=MembershipStatus.APPROVED
    )
    classes = list(Class.objects.filter(teaches, status=Class.Status.ACTIVE).order_by("-pk")[:CLASSES_TO_CHOOSE])
    count = Counter(klass.title for klass in classes)
    return [choice_of(klass, str(klass) if count[klass.title] > 1 else "") for klass in classes]


def choice_of(klass: Class, label: str = "") -> ClassChoice:
    """The class by its title or another label, with its time zone if it has one."""
    zone = zone_of(klass)
    words = f"{label or klass.title} · {name_of(zone)}" if zone else label or klass.title
    return ClassChoice(klass.pk, words, zone.key if zone else "")


def values_for(user: User, klass: Class | None, former: LiveSession | None, now: datetime) -> dict[str, Any]:
    """What the form begins with: like a former lesson, or else at the usual time of the class.

    Hours are those of the class's time zone, if it has one.
    """
    with timezone.override(zone_of(klass) or timezone.get_current_timezone()):
        return _values_for(user, klass, former, now)


def _values_for(user: User, klass: Class | None, former: LiveSession | None, now: datetime) -> dict[str, Any]:
    zone = str(timezone.get_current_timezone())
    if former is None:
        return {"teacherId": user.pk, "timeZone": zone, **_usual_time(klass, now)}
    return {
        "title": former.title,
        "classId": former.klass_id or NO_CLASS,
        "startTime": weeks_later(former.start_time, now),
        **_length_of(former),
        "strict": former.strict,
        "timeZone": zone,
        "roomUrl": former.room_url,
        "teacherId": former.teacher_ref,
    }


def _usual_time(klass: Class | None, now: datetime) -> dict[str, Any]:
    last = LiveSession.objects.last_of(klass) if klass else None
    if last is None:
        return {"startTime": full_hour_tomorrow(now)}
    return {"startTime": weeks_later(last.start_time, now), **_length_of(last)}


def _length_of(lesson: LiveSession) -> dict[str, Any]:
    length = str(lesson.duration)
    return {"length": length if length in LENGTHS else OTHER, "duration": lesson.duration}
