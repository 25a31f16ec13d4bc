"""Lessons of a class with a time zone of its own: series repeat in it, and pages take and show times in it.

Alice lives in New York. Clocks in Berlin go forward on 30 March 2036 at 2:00, and back on 26 October at 3:00.
"""

from datetime import UTC, datetime

import pytest

from members.models import Membership
from sessions.models import LiveSession, Series
from sessions.tests.expected import SESSION_BODY
from sessions.tests.test_repeat_form import DATES, WEEKLY, shown, starts
from sessions.tests.test_schedule_page import FORM
from tutorarc.domain.events import Actor
from tutorarc.testing.client import forbidden, invalid, verdict
from tutorarc.tests.browser.browsing import FORM as CONTENT_TYPE
from tutorarc.tests.browser.browsing import HTML, field_errors, form

NOW = datetime(2036, 3, 14, 12, tzinfo=UTC)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
TOLD = "Times are in Europe/Berlin, the time zone of this class."


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(autouse=True)
def of_new_york(alice):
    return alice.edit(Actor(alice), time_zone=NEW_YORK)


@pytest.fixture
def algebra(algebra, alice):
    return algebra.change_settings(Actor(alice), time_zone=BERLIN)


@pytest.fixture
def visit(signed_in, alice):
    return lambda address: signed_in(alice).get(f"http://testserver{address}", headers=HTML)


def weekly(klass, **fields):
    body = SESSION_BODY | {"startTime": "2036-03-25T15:00:00Z", "recurrence": "FREQ=WEEKLY;COUNT=2"}
    return body | {"classId": klass.pk} | fields


@pytest.mark.parametrize(
    ("fields", "zone", "second"),
    [({}, BERLIN, "2036-04-01T14:00:00Z"), ({"timeZone": NEW_YORK}, NEW_YORK, "2036-04-01T15:00:00Z")],
)
def test_a_series_without_a_zone_repeats_in_that_of_its_class(api, alice, algebra, fields, zone, second):
    assert api(alice).post("/sessions", weekly(algebra, **fields)).status_code == 201
    assert (Series.objects.get().time_zone, starts()[1]) == (zone, second)


def test_a_series_keeps_its_zone_when_the_class_gets_another(api, alice, algebra):
    made = api(alice).post("/sessions", weekly(algebra)).json()["data"]["sessions"]
    algebra.change_settings(Actor(alice), time_zone=NEW_YORK)
    change = {"startTime": "2036-03-25T16:00:00Z", "scope": "all"}
    assert api(alice).patch(f"/sessions/{made[0]['sessionId']}", change).status_code == 200
    assert starts() == ["2036-03-25T16:00:00Z", "2036-04-01T15:00:00Z"]


def test_people_outside_the_class_do_not_learn_its_zone(api, dora, algebra):
    skipped = weekly(algebra, startTime="2036-03-23T01:30:00Z")  # 2:30 in Berlin
    assert verdict(api(dora).post("/sessions", skipped)) == invalid("timeZone", "required")
    dora.edit(Actor(dora), time_zone="UTC")
    assert verdict(api(dora).post("/sessions", skipped)) == forbidden("not_a_member")


def test_the_form_shows_times_of_the_class_and_says_so(visit, algebra):
    page = visit(f"/lessons/new?class={algebra.pk}")
    field, content = page.context["form"]["startTime"], page.content.decode()
    assert (field.help_text, page.context["form"]["timeZone"].value()) == (TOLD, BERLIN)
    assert 'value="2036-03-15T14:00"' in content  # the next full hour of 13:00 in Berlin
    assert 'data-zone="Europe/Berlin"' in content
    assert 'data-moment="2036-03-15T13:00"' in content


def test_the_class_can_be_chosen_with_its_zone(visit, algebra):
    page = visit("/lessons/new")
    hint = "In the time zone of the class, if it has one, or else in UTC."
    assert page.context["form"]["startTime"].help_text == hint
    option = f'<option value="{algebra.pk}" data-zone="Europe/Berlin">Algebra · Europe/Berlin</option>'
    assert option in page.content.decode()


@pytest.mark.parametrize("is_fixed", ["1", ""])
@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("2036-03-25T16:00", "2036-03-25T15:00:00Z"),  # without script
        ("2036-04-01T16:00", "2036-04-01T14:00:00Z"),
        ("2036-10-26T02:30", "2036-10-26T00:30:00Z"),  # comes twice: the first
        ("2036-03-25T16:00:00.000Z", "2036-03-25T16:00:00Z"),  # a moment that a script picked
    ],
)
def test_a_typed_time_is_one_of_the_class(post_form, alice, algebra, typed, start, is_fixed):
    page = post_form(alice, "/sessions", **FORM | {"classId": algebra.pk, "isFixed": is_fixed, "startTime": typed})
    assert (page.status_code, starts()) == (201, [start])


@pytest.mark.parametrize(("typed", "message"), [
    ("2036-03-30T02:30", "Clocks go forward then and skip this time (Europe/Berlin). Pick another one."),
    ("soon", "Pick a day and a time."),
    ("0001-01-01T00:00", "Pick a day and a time."),
])  # fmt: skip
def test_a_time_that_does_not_exist_is_told(post_form, alice, algebra, typed, message):
    page = post_form(alice, "/sessions", **FORM | {"classId": algebra.pk, "startTime": typed})
    assert (page.status_code, field_errors(page, "form"), starts()) == (400, {"startTime": [message]}, [])


def test_a_series_is_made_in_the_zone_of_the_class(post_form, alice, algebra):
    sent = WEEKLY | {"classId": algebra.pk, "startTime": "2036-03-21T15:00", "timeZone": NEW_YORK}
    page = post_form(alice, "/sessions", **sent)
    assert shown(page) == [(date, True) for date in DATES]
    assert "4 Apr 2036, 15:00 to 16:30 CEST" in page.content.decode()
    page = post_form(alice, "/sessions", **sent | {"datesOf": page.context["form"].dates_of, "date": DATES})
    assert (page.status_code, starts(), Series.objects.get().time_zone) == (201, DATES, BERLIN)


def test_a_start_in_the_past_is_asked_about_in_the_zone_of_the_class(post_form, alice, algebra):
    past = FORM | {"classId": algebra.pk, "startTime": "2036-03-14T12:00"}
    page = post_form(alice, "/sessions", **past)
    assert page.context["form"].past_start == "2036-03-14T11:00"
    page = post_form(alice, "/sessions", **past | {"confirmedStart": "2036-03-14T11:00"})
    assert (page.status_code, starts()) == (201, ["2036-03-14T11:00:00Z"])


def test_lessons_at_the_same_time_are_told_by_the_time_of_the_class(post_form, alice, algebra, schedule):
    other = schedule(klass=algebra, start_time=datetime(2036, 3, 25, 15, tzinfo=UTC))
    sent = FORM | {"classId": algebra.pk, "startTime": "2036-03-25T16:30", "roomUrl": "zoom"}
    assert post_form(alice, "/sessions", **sent).context["overlaps"] == [other]


@pytest.fixture
def edit(signed_in, alice):
    """Send the form that changes a lesson, as a browser without script sends it."""

    def send(session, **fields):
        sent = {"_method": "PATCH", "timesIn": BERLIN, "initial-timesIn": BERLIN}
        sent["initial-startTime"] = f"{session.start_time:%Y-%m-%d %H:%M:%S}"
        return signed_in(alice).post(f"/sessions/{session.pk}", form(**sent | fields), CONTENT_TYPE, headers=HTML)

    return send


def test_the_form_to_change_a_lesson_takes_times_of_the_class(visit, edit, algebra, schedule):
    session = schedule(klass=algebra, start_time=datetime(2036, 3, 25, 15, tzinfo=UTC))
    field = visit(f"/api/v1/sessions/{session.pk}").context["edit"]["startTime"]
    assert (field.help_text, 'value="2036-03-25T16:00"' in str(field)) == (TOLD, True)
    page = edit(session, startTime="2036-03-25T17:00")
    assert (page.status_code, starts()) == (200, ["2036-03-25T16:00:00Z"])
    page = edit(session, startTime="2036-03-30T02:30")
    assert (page.status_code, list(field_errors(page, "edit")), starts()) == (
        400,
        ["startTime"],
        ["2036-03-25T16:00:00Z"],
    )


def test_the_second_of_two_times_stays_while_another_field_changes(edit, algebra, schedule):
    session = schedule(klass=algebra, start_time=datetime(2036, 10, 26, 1, 30, tzinfo=UTC))
    page = edit(session, startTime="2036-10-26T02:30", title="Rings")
    session.refresh_from_db()
    assert (page.status_code, session.title, starts()) == (200, "Rings", ["2036-10-26T01:30:00Z"])


def test_following_lessons_move_in_the_zone_of_the_class(api, alice, edit, algebra):
    api(alice).post("/sessions", weekly(algebra))
    first = LiveSession.objects.order_by("start_time")[0]
    assert edit(first, startTime="2036-03-25T18:00", scope="following").status_code == 200
    assert starts() == ["2036-03-25T17:00:00Z", "2036-04-01T16:00:00Z"]


def test_a_class_without_a_zone_leaves_times_in_utc(visit, post_form, alice, dora, algebra):
    algebra.change_settings(Actor(alice), time_zone=None)
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    page = visit(f"/lessons/new?class={algebra.pk}")
    assert (page.context["form"]["startTime"].help_text, page.context["form"]["timeZone"].value()) == (
        "In UTC.",
        NEW_YORK,
    )
    post_form(alice, "/sessions", **FORM | {"classId": algebra.pk, "startTime": "2036-03-25T16:00"})
    assert starts() == ["2036-03-25T16:00:00Z"]
