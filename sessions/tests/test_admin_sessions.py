from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.staff import search
from tutorarc.tests.staff.admin_site import errors, recorded, state

KIND = "live_sessions_livesession"
START = datetime(2036, 3, 20, 10, tzinfo=UTC)
PLAN = {"title": "Limits", "start_time": START, "duration": 60, "strict": True, "teacher_ref": "t_1"}
FORM = {
    "title": "Limits",
    "start_time_0": "2036-03-20",
    "start_time_1": "10:00:00",
    "duration": "60",
    "strict": "on",
    "teacher_ref": "t_1",
}


@pytest.fixture
def limits(algebra, alice):
    return LiveSession.objects.schedule(Actor(alice), klass=algebra, **PLAN)


@pytest.mark.parametrize("others", [0, 29])
def test_the_list_costs_four_statements_for_1_row_and_for_30(site, limits, dora, django_assert_num_queries, others):
    for _ in range(others):
        LiveSession.objects.schedule(Actor(dora), **PLAN)
    site.listing()
    with django_assert_num_queries(4):
        response = site.listing()
    assert (response.status_code, response.context["cl"].result_count) == (200, others + 1)


def test_of_very_many_sessions_the_list_has_the_newest(site, dora, monkeypatch):
    monkeypatch.setattr(search, "MAX_COUNTED", 30)
    made = [LiveSession.objects.schedule(Actor(dora), **PLAN) for _ in range(32)]
    pages = [site.listing(), site.listing(p=2), site.listing(p=3)]
    assert [page.context["cl"].result_count for page in pages] == [30, 30, 30]
    newest = list(reversed(made[2:]))
    assert [list(page.context["cl"].result_list) for page in pages] == [newest[:25], newest[25:], newest[25:]]
    text = pages[0].content.decode()
    assert "More live sessions match than these newest 30." in text
    by_title = site.listing(o=1)
    assert (by_title.context["cl"].result_count, "these newest" in by_title.content.decode()) == (32, False)


def test_exactly_as_many_sessions_as_are_counted_are_all(site, dora, monkeypatch):
    monkeypatch.setattr(search, "MAX_COUNTED", 30)
    for _ in range(30):
        LiveSession.objects.schedule(Actor(dora), **PLAN)
    page = site.listing()
    assert (page.context["cl"].result_count, "these newest" in page.content.decode()) == (30, False)


@pytest.mark.parametrize(("status", "number"), [("LIVE", 2), ("ENDED", 2), ("CANCELLED", 1), ("SCHEDULED", 1)])
def test_the_sessions_of_a_status_are_counted_once(site, dora, status, number):
    actor, begun = Actor(dora), timezone.now() - timedelta(minutes=5)
    early, also_early, cancelled = (LiveSession.objects.schedule(actor, **PLAN) for _ in range(3))
    early.end(actor)
    also_early.end(actor)
    cancelled.cancel(actor)
    for strict, start in ((True, begun), (False, begun), (True, START)):
        LiveSession.objects.schedule(actor, **PLAN | {"strict": strict, "start_time": start})
    listing = site.listing(state=status)
    assert (listing.context["cl"].result_count, len(listing.context["cl"].result_list)) == (number, number)


@pytest.mark.parametrize("term", ["limi", "t_1", "alge", "alice@"])
def test_a_search_finds_sessions_by_title_teacher_class_and_creator(site, limits, dora, term):
    LiveSession.objects.schedule(Actor(dora), **(PLAN | {"title": "Other", "teacher_ref": "x"}))
    assert site.rows(q=term) == [limits]


def test_staff_schedule_a_session(site, algebra):
    assert site.add(**FORM, klass=algebra.pk).status_code == 302
    session = LiveSession.objects.get()
    assert (session.title, session.start_time, session.klass, recorded(session)) == (
        "Limits",
        START,
        algebra,
        [("scheduled", "Root")],
    )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_start_in_a_year_that_there_is_not_in_utc_is_refused(site, root, day):
    root.edit(Actor(root), time_zone="Asia/Kolkata" if day == "0001-01-01" else "America/New_York")
    start = {"start_time_0": day, "start_time_1": "00:00:00" if day == "0001-01-01" else "23:00:00"}
    assert site.add(**FORM | start).status_code == 200
    assert not LiveSession.objects.exists()


def test_an_archived_class_accepts_no_session(site, algebra, alice):
    algebra.archive(Actor(alice))
    assert errors(site.add(**FORM, klass=algebra.pk)) == {
        "__all__": ["This class is archived and read-only until a teacher of the class unarchives it."]
    }
    assert LiveSession.objects.count() == 0


def test_a_change_goes_through_the_verb_and_forged_fields_change_nothing(site, limits):
    forged = {"ended_at": "2020-01-01", "cancelled_at": "2020-01-01", "teacher_ref": "other", "klass": ""}
    assert site.change(limits.pk, **(FORM | forged | {"duration": "90"})).status_code == 302
    after = state(limits)
    assert (after["duration"], after["end_time"], after["teacher_ref"]) == (
        90,
        START.replace(hour=11, minute=30),
        "t_1",
    )
    assert (after["ended_at"], after["cancelled_at"], after["klass_id"]) == (None, None, limits.klass_id)
    assert recorded(limits) == [("scheduled", "Alice"), ("rescheduled", "Root")]


def test_a_session_that_only_the_clock_ended_can_be_moved(site, dora):
    over = LiveSession.objects.schedule(Actor(dora), **(PLAN | {"start_time": datetime(2016, 3, 20, 10, tzinfo=UTC)}))
    assert site.change(over.pk, **FORM).status_code == 302
    assert state(over)["start_time"] == START


def test_an_ended_session_is_read_only(site, limits, alice):
    limits.end(Actor(alice))
    before = state(limits)
    assert site.page(limits.pk).status_code == 200
    assert site.change(limits.pk, **(FORM | {"title": "Too late"})).status_code == 403
    assert state(limits) == before


def test_actions_report_how_many_changed_and_why_the_others_did_not(site, limits, dora):
    begun = LiveSession.objects.schedule(Actor(dora), **(PLAN | {"start_time": datetime(2020, 1, 1, tzinfo=UTC)}))
    assert site.act("cancel", [limits, begun]) == [
        "1 of 2 live sessions cancelled.",
        "Limits (2020-01-01 00:00 UTC): The session is over, so it can't be cancelled any more.",
    ]
    assert LiveSession.objects.get(pk=limits.pk).status == "CANCELLED"


def test_ending_an_ended_session_is_not_counted(site, limits, alice):
    limits.end(Actor(alice))
    assert site.act("end", [limits]) == ["0 of 1 live sessions ended.", "1 was already ended."]
    assert recorded(limits) == [("scheduled", "Alice"), ("ended", "Alice")]


def test_a_session_can_not_be_deleted(site, limits):
    assert site.post(site.address("delete", limits.pk), {"post": "yes"}).status_code == 403
    assert LiveSession.objects.count() == 1


def test_staff_change_the_room(site, limits):
    for room, stored in (("https://Zoom.us/j/1", "https://zoom.us/j/1"), ("", None)):
        assert site.change(limits.pk, **FORM, room_url=room).status_code == 302
        limits.refresh_from_db()
        assert limits.room_url == stored
    assert recorded(limits) == [("scheduled", "Alice"), ("rescheduled", "Root"), ("rescheduled", "Root")]
