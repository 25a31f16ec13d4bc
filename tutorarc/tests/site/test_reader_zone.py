"""The time zone in which pages and mails show times to their reader."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.clock import start_of, week_of
from tutorarc.domain.events import Actor
from tutorarc.http.reader_zone import zone_named
from tutorarc.models import User
from tutorarc.tests.browser.browsing import HTML

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
IN_KATHMANDU, IN_BERLIN, IN_UTC = "17:45 +0545", "13:00 CET", "12:00 UTC"


@pytest.fixture
def lesson(schedule):
    return schedule(start_time=NOON)


@pytest.fixture
def page_of(client, lesson):
    def get(user, cookie=""):
        client.force_login(user)
        if cookie:
            client.cookies["timezone"] = cookie
        return client.get(f"/api/v1/sessions/{lesson.pk}", headers=HTML).content.decode()

    return get


@pytest.mark.parametrize(
    ("zone", "cookie", "shown"),
    [
        ("", "", "12:00 to 13:00 UTC"),
        ("", "Europe/Berlin", "13:00 to 14:00 CET"),
        ("Asia/Kathmandu", "Europe/Berlin", "17:45 to 18:45 +0545"),
        ("", "Mars/Olympus", "12:00 to 13:00 UTC"),
    ],
)
def test_a_page_shows_times_in_the_zone_of_the_account_else_of_the_browser(alice, page_of, zone, cookie, shown):
    alice.edit(Actor(alice), time_zone=zone)
    page = page_of(alice, cookie)
    assert shown in page
    assert 'datetime="2026-12-01T12:00:00Z"' in page  # for the script, always in UTC


def test_the_script_gets_the_zone_of_the_account(alice, page_of):
    assert '<html lang="en">' in page_of(alice)
    alice.edit(Actor(alice), time_zone="Asia/Kathmandu")
    assert '<html lang="en" data-zone="Asia/Kathmandu">' in page_of(alice)


def test_the_api_answers_in_utc(alice, signed_in, lesson):
    alice.edit(Actor(alice), time_zone="Asia/Kathmandu")
    assert signed_in(alice).get(f"/sessions/{lesson.pk}").json()["data"]["startTime"] == "2026-12-01T12:00:00Z"


def test_a_picker_without_script_stays_in_utc(alice, page_of):
    alice.edit(Actor(alice), time_zone="Asia/Kathmandu")
    assert 'value="2026-12-01T12:00"' in page_of(alice)


@pytest.mark.parametrize(("zone", "shown"), [("", IN_UTC), ("Europe/Berlin", IN_BERLIN)])
def test_the_admin_site_shows_times_in_the_readers_zone_and_names_it(client, root, lesson, zone, shown):
    root.edit(Actor(root), time_zone=zone)
    client.force_login(root)
    page = client.get("/admin/live_sessions/livesession/").content.decode()
    assert f"1 Dec 2026, {shown}" in page
    assert f"Times: {zone or 'UTC'}" in page


def test_a_form_of_the_admin_site_takes_times_in_the_readers_zone(client, root):
    root.edit(Actor(root), time_zone="Europe/Berlin")
    client.force_login(root)
    fields = {"title": "Now", "start_time_0": "2036-12-01", "start_time_1": "13:00", "duration": 60, "teacher_ref": "t"}
    client.post("/admin/live_sessions/livesession/add/", fields)
    assert [session.start_time for session in root.live_sessions.all()] == [datetime(2036, 12, 1, 12, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", datetime(2026, 3, 29, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 3, 28, 18, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 29, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_midnight_of_the_current_zone(zone, expected):
    with timezone.override(zone_named(zone)):
        assert start_of(expected.date() if zone != "Asia/Kathmandu" else week_of(expected.date())[1]) == expected


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_first_and_the_last_day_have_a_beginning(day, zone):
    with timezone.override(zone_named(zone)):
        assert abs(start_of(day) - datetime.combine(day, time(), UTC)) <= timedelta(days=1)


# Where the zone of an account comes from


@pytest.fixture
def sign_in(client, make_user):
    def post(zone):
        eve = make_user("Eve", password="long enough, really", time_zone=zone)
        client.cookies["timezone"] = "Europe/Berlin"
        client.post("/accounts/login/", {"username": eve.email, "password": "long enough, really"})
        return User.objects.get()

    return post


@pytest.mark.parametrize(("before", "after"), [("", "Europe/Berlin"), ("Asia/Kathmandu", "Asia/Kathmandu")])
def test_a_sign_in_gives_an_account_the_zone_of_the_browser_if_it_has_none(sign_in, before, after):
    user = sign_in(before)
    assert (user.time_zone, user.last_login is None) == (after, False)


def test_people_choose_their_zone_on_the_account_page(client, alice):
    client.force_login(alice)
    client.cookies["timezone"] = "Europe/Berlin"
    assert client.get("/accounts/").context["form"]["time_zone"].value() == "Europe/Berlin"
    client.post("/accounts/", {"display_name": "Alice", "time_zone": "Asia/Kathmandu"})
    assert User.objects.get().time_zone == "Asia/Kathmandu"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "localtime"])
def test_an_unknown_zone_is_refused(client, alice, zone):
    client.force_login(alice)
    page = client.post("/accounts/", {"display_name": "Alice", "time_zone": zone})
    assert (page.status_code, page.context["form"].errors) == (
        400,
        {"time_zone": ["Choose a time zone from the list."]},
    )


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
def test_times_at_the_ends_of_the_calendar_are_shown_in_every_zone(client, api, alice, root, algebra, settings, zone):
    settings.BOARD_URL = "http://testserver"
    series = {"recurrence": "FREQ=WEEKLY;COUNT=2", "timeZone": zone, "classId": algebra.pk}
    made = [one["sessionId"] for one in api(alice).post("/sessions", SESSION_BODY | series).json()["data"]["sessions"]]
    for session_id, moment in zip(made, ("0001-01-01T00:00:00Z", "9999-12-31T22:00:00Z"), strict=True):
        assert api(alice).patch(f"/sessions/{session_id}", {"startTime": moment}).status_code == 200
    for person in (alice, root):
        person.edit(Actor(person), time_zone=zone)
    statuses = {}
    for person, paths in ((alice, PAGES), (root, ADMIN_PAGES)):
        client.force_login(person)
        for path in (path.format(klass=algebra.pk, session=one) for path in paths for one in made):
            statuses[path] = client.get(path, headers=HTML).status_code
    assert {path: status for path, status in statuses.items() if status != 200} == {}


PAGES = (
    *("/", "/calendar", "/api/v1/sessions", "/api/v1/sessions/{session}", "/api/v1/sessions/{session}/attendance"),
    *("/classes/{klass}/attendance.csv?from=0001-01-01", "/join?id={session}"),
)
ADMIN_PAGES = (
    *("/admin/tutorarc/event/", "/admin/live_sessions/livesession/"),
    *("/admin/live_sessions/livesession/{session}/change/", "/admin/live_sessions/livesession/{session}/history/"),
)


def test_where_a_zone_would_leave_the_calendar_the_time_is_that_in_utc():
    zone = zone_named("America/New_York")
    assert datetime.min.replace(tzinfo=UTC).astimezone(zone) == datetime.min.replace(tzinfo=zone)
    assert NOON.astimezone(zone).hour == 7
