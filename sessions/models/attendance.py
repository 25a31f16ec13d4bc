"""Attendance of students at the live sessions of their class (docs/contract.md, "Attendance")."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from sessions.models.live_session import LiveSession
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict, Detail
from tutorarc.domain.events import Actor, EventSource, change, record
from tutorarc.models import User

EARLY = timedelta(minutes=15)  # before the start: whoever opens the lobby from then on has arrived
TOLERANCE = timedelta(minutes=5)  # after the start: whoever arrives later is LATE
MAX_MARKS = 500  # of one call

Marks = Mapping[str, str]  # statuses by the ids of people


class AttendanceStatus(models.TextChoices):
    PRESENT = "PRESENT"
    LATE = "LATE"
    ABSENT = "ABSENT"
    EXCUSED = "EXCUSED"


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def arrive(self, session: LiveSession, by: Actor) -> None:
        """Record that the actor, a student of the session's class, has arrived now; nothing if they had before.

        A status that a teacher gave stays.
        """
        known = self.filter(session=session, user=by.person)
        if not known.filter(arrived_at__isnull=False).exists():
            self._arrive(session, known, by)

    @transaction.atomic
    def _arrive(self, session: LiveSession, known: "AttendanceQuerySet", by: Actor) -> None:
        # As `mark` does: a row that another transaction adds meanwhile can't be locked.
        LiveSession.objects.select_for_update(no_key=True).only("pk").get(pk=session.pk)
        now = timezone.now()
        row = known.first()
        if row is None:
            status = AttendanceStatus.LATE if now > session.start_time + TOLERANCE else AttendanceStatus.PRESENT
            row = Attendance(session=session, user=by.person, klass=session.klass, status=status, arrived_at=now)
            record(self.bulk_create([row]), by, verb="arrive", created=True)
        elif row.arrived_at is None:
            row.session = session
            change(row, by, verb="arrive", arrived_at=now)

    @transaction.atomic
    def mark(self, session: LiveSession, marks: Marks, by: Actor) -> "list[Attendance]":
        """Give these people their statuses, and return their attendance in the order given; all or nothing.

        Raises Class.Archived, LiveSession.Cancelled, Attendance.NoClass and Attendance.NotAStudent.
        """
        session = LiveSession.objects.lock(session.pk)
        if session.cancelled_at:
            raise LiveSession.Cancelled()
        known = {row.user_id: row for row in self.filter(session=session, user__in=[*marks])}
        _refuse_others(session, [pk for pk in marks if pk not in known])
        new = {"session": session, "klass": session.klass}
        made = [Attendance(user_id=pk, status=marks[pk], **new) for pk in marks if pk not in known]
        record(self.bulk_create(made), by, verb="mark", created=True)
        former = {row.pk: {"status": row.status} for row in known.values() if row.status != marks[row.user_id]}
        changed = [row for row in known.values() if row.pk in former]
        for row in known.values():
            row.session, row.status = session, marks[row.user_id]
        if changed:
            self.bulk_update(changed, ["status"])
            record(changed, by, verb="mark", old=lambda row: former[row.pk])
        rows = known | {row.user_id: row for row in made}
        return [rows[pk] for pk in marks]


def _refuse_others(session: LiveSession, people: Sequence[str]) -> None:
    """Raises NoClass, and NotAStudent for those of these people who are no students of the class."""
    if session.klass is None:
        raise Attendance.NoClass()
    students = session.klass.memberships.filter(role=ClassRole.STUDENT, status=MembershipStatus.APPROVED)
    known = set(students.filter(user__in=people).values_list("user_id", flat=True))
    if others := [pk for pk in people if pk not in known]:
        message = Attendance.NotAStudent.message
        raise Attendance.NotAStudent(details=[Detail("user_id", "not_a_student", message, pk) for pk in others])


class Attendance(ChangedByVerbs):
    """One student at one live session. Students without a row have not come, and nobody marked them."""

    class NoClass(Conflict):
        reason = "session_without_class"
        message = "This session has no class, so there is no list of students."

    class NotAStudent(Conflict):
        reason = "not_a_student"
        message = "Attendance is for the students who are in the class of this session."

    session = models.ForeignKey(LiveSession, models.PROTECT, related_name="attendance", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, "+", db_index=False)
    # The class of the session, which it keeps for good.
    klass = models.ForeignKey(Class, models.PROTECT, "+", db_column="class_id", db_index=False)
    status = models.CharField(max_length=7, choices=AttendanceStatus)
    arrived_at = models.DateTimeField(null=True)

    objects = AttendanceQuerySet.as_manager()
    event_source = EventSource(
        kind="session",
        types={"arrive": "attendance_changed", "mark": "attendance_changed"},
        fields={"status": "status", "arrivedAt": "arrived_at"},
        about="session_id",
        class_id="klass_id",
        session_id="session_id",
        user_id="user_id",
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="one_attendance_per_person"),
            models.CheckConstraint(
                name="attendance_status_is_known", condition=Q(status__in=["PRESENT", "LATE", "ABSENT", "EXCUSED"])
            ),
        ]
        indexes = [models.Index(fields=["user", "session"], name="attendance_of_a_person")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.session_id}: {self.status}"

    def as_shown(self) -> dict[str, Any]:
        """The attendance as the API shows it."""
        return shown(self.session, self.user_id, self.status, self.arrived_at)


def shown(session: LiveSession, user_id: str, status: str | None, arrived_at: datetime | None) -> dict[str, Any]:
    """One student's attendance as the API shows it; `status` is None if nobody marked it."""
    return {
        "sessionId": session.pk,
        "userId": user_id,
        "status": status,
        "arrivedAt": arrived_at,
        "lateMinutes": late_minutes(session, arrived_at),
    }


def late_minutes(session: LiveSession, arrived_at: datetime | None) -> int | None:
    """Whole minutes from the start to the arrival, 0 for an earlier one; None for somebody who didn't arrive."""
    return None if arrived_at is None else max(0, int((arrived_at - session.start_time).total_seconds() // 60))
