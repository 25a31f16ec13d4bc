"""The pages of lessons of a series: which one it is, and changes to several of them."""

import pytest

from members.models import Membership
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML

BODY = SESSION_BODY | {
    "startTime": "2036-03-18T09:00:00Z",
    "recurrence": "FREQ=WEEKLY;COUNT=3",
    "timeZone": "Europe/Berlin",
}


@pytest.fixture
def made(api, alice, algebra, time_machine):
    time_machine.move_to("2036-03-14T12:00:00+00:00", tick=False)
    sessions = api(alice).post("/sessions", BODY | {"classId": algebra.pk}).json()["data"]["sessions"]
    return [LiveSession.objects.get(pk=one["sessionId"]) for one in sessions]


def path(session):
    return f"/sessions/{session.pk}"


def place(page):
    """The line about the series: its text, and where its links lead."""
    found = page.context["place"]
    return found and (found.repeats, found.number, found.count, found.previous, found.following)


def address(session):
    return f"/api/v1/sessions/{session.pk}"


def test_the_page_says_which_one_of_its_series_a_lesson_is(signed_in, alice, bob, algebra, made, schedule):
    Membership.objects.enrol(algebra, bob, "STUDENT", Actor(alice))
    for person in (alice, bob):
        browser = signed_in(person)
        first, second, third = (browser.get(path(one), headers=HTML) for one in made)
        assert place(first) == ("Every Tuesday", 1, 3, "", address(made[1]))
        assert place(second) == ("Every Tuesday", 2, 3, address(made[0]), address(made[2]))
        assert place(third) == ("Every Tuesday", 3, 3, address(made[1]), "")
        assert f'Every Tuesday, <a href="/api/v1/sessions?seriesId={made[0].series_id}">2 of 3</a>' in (
            second.content.decode()
        )
    assert place(signed_in(alice).get(path(schedule()), headers=HTML)) is None


def test_one_that_was_moved_on_its_own_is_counted_where_it_is_now(signed_in, alice, made):
    made[0].reschedule(Actor(alice), start_time=made[2].end_time)
    assert place(signed_in(alice).get(path(made[0]), headers=HTML)) == ("", 3, 3, address(made[2]), "")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY;COUNT=2", "Every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=2", "Every 3 days"),
        ("FREQ=DAILY;BYDAY=TU,WE;COUNT=2", "Every Tuesday and Wednesday"),
        ("FREQ=DAILY;INTERVAL=2;BYDAY=TU,WE;COUNT=2", "Every 2 days on Tuesday and Wednesday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH,FR;COUNT=2", "Every 2 weeks on Tuesday, Thursday and Friday"),
        ("FREQ=MONTHLY;COUNT=2", "Every month"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=3TU;COUNT=2", "Every 2 months"),
    ],
)
def test_a_rule_in_words(signed_in, api, alice, time_machine, rule, words):
    time_machine.move_to("2036-03-14T12:00:00+00:00", tick=False)
    made = api(alice).post("/sessions", BODY | {"recurrence": rule}).json()["data"]["sessions"][0]
    assert signed_in(alice).get(f"/sessions/{made['sessionId']}", headers=HTML).context["place"].repeats == words


def test_editing_and_cancelling_ask_for_which_lessons(signed_in, alice, made, schedule):
    page = signed_in(alice).get(path(made[0]), headers=HTML)
    choices = ["Only this lesson", "This and following", "All"]
    for name in ("edit", "cancel_form"):
        assert [label for _, label in page.context[name].fields["scope"].choices] == choices
    other = signed_in(alice).get(path(schedule(start_time=made[0].start_time)), headers=HTML)
    assert ["scope" in other.context[name].fields for name in ("edit", "cancel_form")] == [False, False]


def edited(page, **typed):
    """What the browser sends for the form to edit a lesson, after these fields were changed."""
    form = page.context["edit"]
    sent = {"_method": "PATCH", "scope": "this"}
    for name in ("title", "startTime", "duration", "roomUrl"):
        sent[name] = sent[f"initial-{name}"] = form[name].value() or ""
    return sent | typed


@pytest.mark.parametrize(
    ("scope", "titles"), [("this", ["Old", "New", "Old"]), ("following", ["Old", "New", "New"]), ("all", ["New"] * 3)]
)
def test_the_form_to_edit_is_sent_with_the_scope(signed_in, post_form, alice, made, scope, titles):
    LiveSession.objects.update(title="Old")
    shown = signed_in(alice).get(path(made[1]), headers=HTML)
    page = post_form(alice, path(made[1]), **edited(shown, title="New", scope=scope))
    assert page.status_code == 200
    assert list(LiveSession.objects.order_by("start_time").values_list("title", flat=True)) == titles


def test_the_form_to_cancel_is_sent_with_the_scope(post_form, alice, made):
    page = post_form(alice, f"{path(made[1])}/cancel", message="Holidays", scope="following")
    assert page.status_code == 200
    assert [LiveSession.objects.get(pk=one.pk).status for one in made] == ["SCHEDULED", "CANCELLED", "CANCELLED"]


def test_a_change_of_all_says_that_it_leaves_out_a_lesson_that_was_moved(signed_in, post_form, alice, made):
    made[1].reschedule(Actor(alice), duration=45)
    shown = signed_in(alice).get(path(made[1]), headers=HTML)
    page = post_form(alice, path(made[1]), **edited(shown, title="New", scope="all"))
    assert page.context["success"] == (
        "The other lessons were changed. This one was moved on its own, so it stays as it is."
    )
    page = post_form(alice, f"{path(made[1])}/cancel", scope="all")
    assert page.context["success"] == (
        "The other lessons were cancelled. This one was moved on its own, so it still takes place."
    )
    assert [LiveSession.objects.get(pk=one.pk).status for one in made] == ["CANCELLED", "SCHEDULED", "CANCELLED"]
    page = post_form(alice, f"{path(made[1])}/cancel", scope="this")
    assert page.context["success"] == "Lesson cancelled."


def test_the_list_shows_the_lessons_of_a_series(signed_in, alice, made, schedule):
    schedule(start_time=made[0].start_time)
    page = signed_in(alice).get(f"/sessions?seriesId={made[0].series_id}", headers=HTML)
    assert [row["session"] for row in page.context["lists"][0]["rows"]] == made


def test_its_page_costs_one_statement_more(signed_in, alice, made, schedule, django_assert_num_queries):
    browser = signed_in(alice)
    for one, queries in ((made[0], 5), (schedule(start_time=made[0].start_time), 4)):
        with django_assert_num_queries(queries):
            browser.get(path(one), headers=HTML)
