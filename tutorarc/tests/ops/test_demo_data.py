"""The demo data of the quickstart, of which each page has something to show."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import Count

from apikeys.models import ApiKey, RefusedCall
from classes.models import Class
from members.models import Membership
from sessions.admission import Status
from sessions.models import Attendance, LiveSession, Series
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import EventConsumer
from tutorarc.models import Event, User
from tutorarc.ops.demo import plans
from tutorarc.ops.demo import quickstart as demo
from tutorarc.ops.demo.series import SeriesHistory

NOW = datetime(2026, 5, 4, 13, 42, 7, tzinfo=UTC)
NEXT_LESSON = datetime(2026, 5, 4, 14, 5, tzinfo=UTC)
HOMEWORK_HOUR = datetime(2026, 4, 3, 14, tzinfo=UTC)  # the first one

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _demo_data(time_machine: Any, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a fast one
    time_machine.move_to(NOW, tick=False)
    demo.create_demo_data()


def lessons(status: Status) -> list[tuple[str, datetime]]:
    found = LiveSession.objects.in_status(status, NOW).order_by("start_time", "pk")
    return list(found.values_list("title", "start_time"))


def members(title: str) -> dict[str, list[str]]:
    """Names by status, in the order in which they asked to join."""
    found: dict[str, list[str]] = {}
    for member in Membership.objects.filter(klass__title=title, role="STUDENT").select_related("user"):
        found.setdefault(member.status, []).append(member.user.display_name)
    return found


def test_three_people_can_sign_in() -> None:
    people = User.objects.exclude(password__startswith="!").order_by("email")
    assert list(people.values_list("email", "global_role", "is_staff", "is_superuser")) == [
        ("admin@example.org", "ADMIN", True, True),
        ("student@example.org", "STUDENT", False, False),
        ("teacher@example.org", "TEACHER", False, False),
    ]


def test_classes_newest_first() -> None:
    assert list(Class.objects.values_list("title", "status", "created_by__email")) == [
        ("Introduction to Calculus", "ACTIVE", "teacher@example.org"),
        ("European History", "ACTIVE", "teacher@example.org"),
        ("Creative Writing", "ACTIVE", "teacher@example.org"),
        ("Spanish Conversation", "ACTIVE", "diego.fuentes@example.org"),
        ("Geometry, Summer School", "ARCHIVED", "teacher@example.org"),
    ]


def test_the_student_is_in_three_classes_and_waits_for_a_fourth() -> None:
    student = User.objects.get(email=demo.STUDENT)
    assert list(student.memberships.order_by("klass__title").values_list("klass__title", "status")) == [
        ("European History", "PENDING"),
        ("Geometry, Summer School", "APPROVED"),
        ("Introduction to Calculus", "APPROVED"),
        ("Spanish Conversation", "APPROVED"),
    ]


def test_a_class_has_students_requests_and_people_who_left() -> None:
    people = members("Introduction to Calculus")
    assert {status: len(names) for status, names in people.items()} == {
        "APPROVED": 12,
        "PENDING": 3,
        "REMOVED": 2,
        "REJECTED": 1,
    }
    assert people["PENDING"] == ["Omar Yilmaz", "Nadia Ivanova", "Mateo García"]


def test_lessons_of_the_past_the_present_and_the_coming_days() -> None:
    assert lessons(Status.LIVE) == [
        ("First drafts, read aloud", NEXT_LESSON - timedelta(days=1)),
        ("The year 1848", NEXT_LESSON - timedelta(hours=1)),
    ]
    assert lessons(Status.SCHEDULED) == [
        ("The chain rule", NEXT_LESSON),
        ("Asking the way", NEXT_LESSON + timedelta(days=1, hours=2)),
        ("Exercises: derivatives", NEXT_LESSON + timedelta(days=2)),
        ("Industry and the cities", NEXT_LESSON + timedelta(days=3)),
        ("Homework hour", HOMEWORK_HOUR + timedelta(days=35)),
        ("A weekend in Seville", NEXT_LESSON + timedelta(days=5)),
        ("Dialogue", NEXT_LESSON + timedelta(days=6)),
        ("The road to 1914", NEXT_LESSON + timedelta(days=7, hours=-1)),
        ("Integrals", NEXT_LESSON + timedelta(days=7)),
        ("Homework hour", HOMEWORK_HOUR + timedelta(days=43, hours=1)),
        ("The area under a curve", NEXT_LESSON + timedelta(days=14)),
        *(("Homework hour", HOMEWORK_HOUR + timedelta(days=days)) for days in (49, 56, 63)),
    ]
    assert (len(lessons(Status.ENDED)), len(lessons(Status.CANCELLED))) == (11, 2)
    assert LiveSession.objects.latest("pk").title == "The chain rule"


def test_a_weekly_series_with_the_attendance_of_its_past_lessons() -> None:
    series = Series.objects.get()
    assert (series.title, series.klass and series.klass.title, series.rule, series.time_zone) == (
        *("Homework hour", "Introduction to Calculus"),
        *("FREQ=WEEKLY;COUNT=10", "Europe/Berlin"),
    )
    held = Attendance.objects.filter(session__series=series).order_by("session__start_time")
    days = [HOMEWORK_HOUR + timedelta(days=days) for days in (0, 14, 21, 28)]
    assert list(held.values_list("session__start_time").annotate(Count("pk"))) == [(day, 12) for day in days]
    late = held.filter(status="LATE").values_list("user__display_name", flat=True)
    assert list(late) == ["Amara Okafor", "Chloé Dubois", "Daniel Kim", "Elena Petrov"]


def test_the_series_keeps_its_hour_where_clocks_change() -> None:
    plan, klass = plans.CALCULUS.series[0], Class.objects.get(title="Introduction to Calculus")
    now = datetime(2026, 11, 10, tzinfo=UTC)
    starts = SeriesHistory(plan, Actor(klass.created_by), lambda: klass, now).starts
    assert [start.isoformat() for start in starts[1:3]] == ["2026-10-17T14:00:00+00:00", "2026-10-24T14:00:00+00:00"]
    assert starts[3].isoformat() == "2026-10-31T15:00:00+00:00"


def test_every_change_has_an_event_at_its_time() -> None:
    events = list(Event.objects.numbered())
    assert [event.created_at for event in events] == sorted(event.created_at for event in events)
    assert [event.pk for event in events] == sorted(event.pk for event in events)
    assert (events[0].created_at, events[-1].created_at) == (NOW - timedelta(days=200), NOW - timedelta(minutes=12))
    assert Counter(event.type for event in events if event.kind == "session") == {
        "session.scheduled": 29,
        "session.started": 13,
        "session.ended": 11,
        "session.rescheduled": 2,
        "session.cancelled": 2,
        "session.attendance_changed": 106,
    }
    started = {event.session_id: event.created_at for event in events if event.type == "session.started"}
    assert started == dict(LiveSession.objects.filter(pk__in=started).values_list("pk", "start_time"))


def test_rows_are_as_old_as_their_first_events() -> None:
    created = Event.objects.filter(type__in=["class.created", "session.scheduled"]).values_list("data", "created_at")
    of_events = {data.get("id") or data["sessionId"]: moment for data, moment in created}
    rows = [*Class.objects.all(), *LiveSession.objects.all()]
    assert of_events == {row.pk: row.created_at for row in rows}


def test_nobody_is_told_of_the_past() -> None:
    last = Event.objects.numbered().last()
    assert last is not None
    assert set(EventConsumer.objects.values_list("position", flat=True)) == {last.position}


def test_the_teachers_key_has_refused_calls_and_expires_soon() -> None:
    key = ApiKey.objects.get()
    assert (key.name, key.owner.email, key.expires_at) == (
        "School website",
        "teacher@example.org",
        NOW + timedelta(days=6),
    )
    assert list(RefusedCall.objects.recent().values_list("status", "path", "reason")) == [
        (400, "/api/v1/sessions", "unknown_parameter"),
        (400, "/api/v1/classes", "malformed_json"),
        (400, "/api/v1/classes", "invalid_fields"),
    ]
