"""The form to schedule a series: its dates are shown before anything is created."""

from datetime import UTC, datetime

import pytest

from sessions.models import LiveSession, Series
from sessions.tests.test_schedule_page import FORM
from tutorarc.tests.browser.browsing import HTML, field_errors, headline, notices

# Fridays and Tuesdays at 15:00 in Berlin; clocks go forward on 30 March 2036
WEEKLY = FORM | {
    "startTime": "2036-03-21T14:00:00.000Z",
    "repeat": "weekly",
    "weekday": ["TU", "FR"],
    "times": "5",
    "until": "",
    "timeZone": "Europe/Berlin",
}
DATES = [f"2036-{day}:00:00Z" for day in ("03-21T14", "03-25T14", "03-28T14", "04-01T13", "04-04T13")]


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(datetime(2036, 3, 14, 12, tzinfo=UTC), tick=False)


def shown(page):
    return [(one.value, one.is_kept) for one in page.context["form"].dates]


def starts():
    return [
        f"{start:%Y-%m-%dT%H:%M:%SZ}"
        for start in LiveSession.objects.order_by("pk").values_list("start_time", flat=True)
    ]


def test_the_dates_are_shown_first_and_nothing_is_created(post_form, alice):
    page = post_form(alice, "/sessions", **WEEKLY)
    assert shown(page) == [(date, True) for date in DATES]
    assert page.status_code == 200
    assert (headline(page), page.context["problem"], page.context["errors"]) == ("Schedule a lesson", "", [])
    assert (field_errors(page, "form"), LiveSession.objects.count()) == ({}, 0)
    content = page.content.decode()
    assert [f'name="date" value="{date}" checked' in content for date in DATES] == [True] * 5
    assert "Schedule these lessons" in content
    assert [content.count(words) for words in ("autofocus", 'tabindex="-1" autofocus>Check the dates.')] == [1, 1]


def confirmed(post_form, alice, **changes):
    page = post_form(alice, "/sessions", **WEEKLY)
    sent = WEEKLY | {"datesOf": page.context["form"].dates_of, "date": DATES} | changes
    return post_form(alice, "/sessions", **sent)


def test_dates_that_were_unticked_become_no_lessons(post_form, alice):
    page = confirmed(post_form, alice, date=[DATES[0], DATES[2], DATES[4]])
    assert (page.status_code, notices(page)[:1]) == (201, ["3 lessons scheduled."])
    assert page.context["place"].repeats == "Every Tuesday and Friday"
    assert starts() == [DATES[0], DATES[2], DATES[4]]
    assert Series.objects.values_list("rule", "time_zone").get() == ("FREQ=WEEKLY;BYDAY=TU,FR;COUNT=5", "Europe/Berlin")


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"times": "6"}, [True, False, True, False, True, True]),
        ({"weekday": ["TU"], "times": "3"}, [False, False, True]),
        ({"startTime": "2036-03-21T15:00:00.000Z"}, [True] * 5),
    ],
)
def test_after_another_change_the_dates_are_shown_again_and_those_unticked_stay_so(post_form, alice, changes, kept):
    page = confirmed(post_form, alice, date=DATES[::2], **changes)
    assert (page.status_code, [is_kept for _, is_kept in shown(page)], starts()) == (200, kept, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"roomUrl": "ftp://room"}, "roomUrl"),
        ({"title": "x" * 201}, "title"),
        ({"classId": ""}, "classId"),
        ({"times": "0"}, "times"),
        ({"length": "other", "duration": "0"}, "duration"),
    ],
)
def test_dates_that_were_unticked_stay_so_while_another_field_is_wrong(post_form, alice, changes, field):
    page = confirmed(post_form, alice, date=DATES[::2], **changes)
    assert (page.status_code, list(field_errors(page, "form"))) == (400, [field])
    assert shown(page) == [(date, date in DATES[::2]) for date in DATES]
    again = WEEKLY | {"datesOf": page.context["form"].dates_of, "date": DATES[::2]}
    assert (post_form(alice, "/sessions", **again).status_code, starts()) == (201, DATES[::2])


@pytest.mark.parametrize(
    "junk", ["", "x", "FREQ=WEEKLY;COUNT=2 Nowhere 2036-03-21T14:00:00Z", "FREQ= UTC now", "\0 \0 \0"]
)
def test_a_forged_list_of_dates_is_asked_for_again(post_form, alice, junk):
    page = post_form(alice, "/sessions", **WEEKLY | {"datesOf": junk, "date": DATES[:1]})
    assert (page.status_code, shown(page)) == (200, [(date, True) for date in DATES])


def test_one_date_at_least_is_kept(post_form, alice):
    page = confirmed(post_form, alice, date=[])
    assert field_errors(page, "form") == {"repeat": ["Keep at least one of the dates."]}
    assert (shown(page), starts()) == ([(date, False) for date in DATES], [])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"weekday": [], "times": "2"}, "FREQ=WEEKLY;COUNT=2"),
        ({"times": "", "until": "2036-04-04"}, "FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20360404"),
    ],
)
def test_without_days_it_is_that_of_the_first_and_the_last_day_is_included(post_form, alice, changes, rule):
    page = post_form(alice, "/sessions", **WEEKLY | changes)
    assert page.context["form"].dates_of.startswith(f"{rule} Europe/Berlin ")


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"times": ""}, {"until": ["Choose either the last day or the number of lessons."]}),
        ({"until": "2036-04-04"}, {"until": ["Choose either the last day or the number of lessons."]}),
        ({"times": "0"}, {"times": ["Give a whole number from 1 to 200."]}),
        ({"times": "٣"}, {"times": ["Give a whole number from 1 to 200."]}),
        ({"times": "", "until": "soon"}, {"until": ["Pick a day."]}),
        (
            {"times": "", "until": "2056-01-01"},
            {"until": ["A series has at most 200 lessons. Choose an earlier day."]},
        ),
        ({"times": "", "until": "2036-03-20"}, {"until": ["There is no lesson until this day. Choose a later one."]}),
        ({"times": "", "until": "0001-01-01"}, {"until": ["There is no lesson until this day. Choose a later one."]}),
        ({"startTime": ""}, {"startTime": ["Pick a day and a time."]}),
    ],
)
def test_errors_are_shown_beside_their_field(post_form, alice, changes, errors):
    page = post_form(alice, "/sessions", **WEEKLY | changes)
    assert (page.status_code, field_errors(page, "form"), starts()) == (400, errors, [])


def test_a_lesson_that_does_not_repeat_is_one(post_form, alice):
    page = post_form(alice, "/sessions", **WEEKLY | {"repeat": ""})
    assert (page.status_code, starts(), Series.objects.count()) == (201, [DATES[0]], 0)


@pytest.mark.parametrize(("browser", "shown"), [("", "UTC"), ("Asia/Kathmandu", "Asia/Kathmandu")])
def test_the_form_has_the_time_zone_of_the_reader(signed_in, alice, browser, shown):
    client = signed_in(alice)
    if browser:
        client.cookies["timezone"] = browser
    page = client.get("http://testserver/lessons/new", headers=HTML)
    assert page.context["form"]["timeZone"].value() == shown
