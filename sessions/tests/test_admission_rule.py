"""The admission rule without a database, and a property test that compares it with the SQL."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from sessions.admission import Admission, Reason, Status, admission, status_at
from sessions.models import LiveSession
from sessions.tests.expected import END, SECOND, START

CREATED = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
TEACHER_OPENS = datetime(2026, 3, 20, 9, 45, tzinfo=UTC)
YEARS_LATER = datetime(2036, 3, 20, tzinfo=UTC)


@dataclass
class Session:
    strict: bool
    start_time: datetime = START
    end_time: datetime = END
    created_at: datetime = CREATED
    ended_at: datetime | None = None
    cancelled_at: datetime | None = None
    is_class_archived: bool = False


STRICT, LENIENT = Session(strict=True), Session(strict=False)


@pytest.mark.parametrize(
    ("role", "moment", "reason"),
    [
        ("student", CREATED, "too_early"),
        ("student", TEACHER_OPENS, "too_early"),
        ("student", START - SECOND, "too_early"),
        ("student", START, "open"),
        ("student", END - SECOND, "open"),
        ("student", END, "over"),
        ("student", YEARS_LATER, "over"),
        ("teacher", CREATED, "too_early"),
        ("teacher", TEACHER_OPENS - SECOND, "too_early"),
        ("teacher", TEACHER_OPENS, "open"),
        ("teacher", START, "open"),
        ("teacher", END - SECOND, "open"),
        ("teacher", END, "over"),
    ],
)
def test_a_strict_session_is_open_only_during_its_schedule(role, moment, reason):
    opens = START if role == "student" else TEACHER_OPENS
    assert admission(STRICT, role, moment) == Admission(Reason(reason), opens, END)


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (CREATED - SECOND, "too_early"),
        (CREATED, "open"),
        (START, "open"),
        (END, "open"),
        (YEARS_LATER, "open"),
    ],
)
def test_any_other_session_is_open_from_its_creation_on(role, moment, reason):
    assert admission(LENIENT, role, moment) == Admission(Reason(reason), CREATED, None)


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize("session", [STRICT, LENIENT], ids=["strict", "lenient"])
@pytest.mark.parametrize(("after", "reason"), [(-SECOND, "open"), (timedelta(), "over"), (SECOND, "over")])
def test_entry_closes_when_a_user_ends_the_session(role, session, after, reason):
    ended_at = START + timedelta(minutes=20)
    assert admission(replace(session, ended_at=ended_at), role, ended_at + after).reason == reason


@pytest.mark.parametrize("role", ["student", "teacher"])
@pytest.mark.parametrize("session", [STRICT, LENIENT], ids=["strict", "lenient"])
@pytest.mark.parametrize("moment", [CREATED - SECOND, CREATED, START, END])
@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ({"cancelled_at": CREATED}, "cancelled"),
        ({"is_class_archived": True}, "class_archived"),
        ({"is_class_archived": True, "ended_at": CREATED}, "class_archived"),
        ({"is_class_archived": True, "cancelled_at": CREATED}, "cancelled"),
    ],
)
def test_nobody_enters_a_cancelled_session_or_one_of_an_archived_class(role, session, moment, state, reason):
    assert admission(replace(session, **state), role, moment).reason == reason


@pytest.mark.parametrize("reason", Reason)
def test_only_an_open_session_admits(reason):
    assert Admission(reason, START, END).admitted is (reason == Reason.OPEN)


def test_a_session_in_year_1_has_an_entry_time_too():
    first = datetime.min.replace(tzinfo=UTC)
    session = replace(STRICT, start_time=first, end_time=first + timedelta(hours=1))
    assert admission(session, "teacher", first) == Admission(Reason.OPEN, first, session.end_time)


@pytest.mark.parametrize(
    ("session", "moment", "status"),
    [
        (STRICT, CREATED - SECOND, "SCHEDULED"),
        (STRICT, START - SECOND, "SCHEDULED"),
        (STRICT, START, "LIVE"),
        (STRICT, END - SECOND, "LIVE"),
        (STRICT, END, "ENDED"),
        (LENIENT, START - SECOND, "SCHEDULED"),
        (LENIENT, START, "LIVE"),
        (LENIENT, END, "LIVE"),
        (LENIENT, YEARS_LATER, "LIVE"),
        (replace(STRICT, ended_at=CREATED), CREATED, "ENDED"),
        (replace(LENIENT, ended_at=CREATED), START, "ENDED"),
        (replace(LENIENT, ended_at=CREATED), END, "ENDED"),
        (replace(STRICT, cancelled_at=CREATED), CREATED, "CANCELLED"),
        (replace(STRICT, cancelled_at=CREATED), START, "CANCELLED"),
        (replace(STRICT, cancelled_at=CREATED), END, "CANCELLED"),
        (replace(LENIENT, cancelled_at=CREATED), END, "CANCELLED"),
        (replace(STRICT, is_class_archived=True), START, "LIVE"),
    ],
)
def test_the_status_depends_on_the_time(session, moment, status):
    assert status_at(session, moment) == status


# For random sessions, all near one another so that boundaries are met

minutes = some.integers(-3, 3).map(lambda count: START + timedelta(minutes=count))
moments = some.one_of(minutes, minutes.map(lambda moment: moment - timedelta(microseconds=1)))
closings: some.SearchStrategy[dict[str, datetime]] = some.one_of(
    some.just({}),
    moments.map(lambda moment: {"ended_at": moment}),
    moments.map(lambda moment: {"cancelled_at": moment}),
)


@some.composite
def sessions(draw):
    start, duration = draw(moments), draw(some.integers(1, 3))
    end = start + timedelta(minutes=duration)
    return {
        "start_time": start,
        "duration": duration,
        "end_time": end,
        "strict": draw(some.booleans()),
        **draw(closings),
    }


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=some.lists(sessions(), min_size=1, max_size=8), moment=moments)
def test_the_status_filter_agrees_with_the_status_of_each_session(alice, drawn, moment):
    rows = [LiveSession(title="x", teacher_ref="x", created_by=alice, **fields) for fields in drawn]
    LiveSession.objects.bulk_create(rows)
    ours = LiveSession.objects.filter(pk__in=[row.pk for row in rows])
    found = {status: {row.pk for row in ours.in_status(status, moment)} for status in Status}
    assert found == {status: {row.pk for row in rows if status_at(row, moment) == status} for status in Status}


@settings(max_examples=200, deadline=None)
@given(fields=sessions(), moment=moments)
def test_students_enter_a_strict_session_exactly_while_it_is_live(fields, moment):
    fields = {name: value for name, value in fields.items() if name not in ("duration", "ended_at")}
    session = Session(**{**fields, "strict": True})
    assert admission(session, "student", moment).admitted is (status_at(session, moment) == Status.LIVE)
