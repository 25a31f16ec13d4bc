"""A sign-in ends when it was idle for too long, and at the latest after 30 days."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError
from django.db.models import QuerySet

from tutorarc.domain.events import Actor
from tutorarc.http.session_store import STARTED, SessionStore
from tutorarc.testing.client import unauthenticated, verdict
from tutorarc.tests.browser.browsing import FORM, HTML, form

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
# A page, the admin site, a call with the cookie, and what each answers to nobody.
PLACES = [("/developers/keys", 302), ("/admin/", 302), ("/api/v1/me", 401)]
IDLE = "You were signed out because you did nothing here for 14 days."
ENDED = "Your sign-in has ended: it was too long ago, your password or rights changed, or it was ended elsewhere."


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(START, tick=False)
    return time_machine


@pytest.fixture
def browser(clock, client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def staff(clock, client, root):
    client.force_login(root)
    return client


def is_signed_in(client):
    return client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(("path", "refused"), PLACES)
def test_a_sign_in_of_staff_ends_after_two_hours_without_use(staff, clock, path, refused):
    clock.move_to(START + 2 * HOUR - SECOND, tick=False)
    assert staff.get(path).status_code == 200
    clock.move_to(START + 4 * HOUR - SECOND, tick=False)
    assert staff.get(path).status_code == refused


def test_a_sign_in_of_others_ends_after_fourteen_days_without_use(browser, clock):
    clock.move_to(START + 14 * DAY - SECOND, tick=False)
    assert is_signed_in(browser)
    clock.move_to(START + 28 * DAY - SECOND, tick=False)
    assert not is_signed_in(browser)


def test_the_limits_are_settings(settings, clock, client, alice, root):
    settings.IDLE_LIMIT, settings.STAFF_IDLE_LIMIT, settings.MAX_SIGN_IN_AGE = 30 * MINUTE, 10 * MINUTE, HOUR
    for person, minutes in ((alice, 30), (root, 10)):
        client.force_login(person)
        assert Session.objects.latest("expire_date").expire_date == START + minutes * MINUTE
        client.logout()


@pytest.mark.parametrize(("who", "idle"), [("alice", 14 * DAY), ("root", 25 * HOUR)])
def test_however_much_it_is_used_it_ends_after_thirty_days(settings, request, client, clock, who, idle):
    settings.STAFF_IDLE_LIMIT = 25 * HOUR
    client.force_login(request.getfixturevalue(who))
    step = idle - HOUR
    for moment in (START + step * number for number in range(1, (30 * DAY - SECOND) // step + 1)):
        clock.move_to(moment, tick=False)
        assert is_signed_in(client)
    clock.move_to(START + 30 * DAY, tick=False)
    assert not is_signed_in(client)


def test_use_is_noted_at_most_once_in_five_minutes(browser, alice, clock, django_assert_num_queries):
    UserSession.objects.create(user=alice, session_key=browser.session.session_key, ip="127.0.0.1", user_agent="")
    for seconds, statements in ((0, 2), (299, 2), (300, 4), (301, 2), (599, 2), (600, 4)):
        clock.move_to(START + seconds * SECOND, tick=False)
        with django_assert_num_queries(statements):  # session, user, and the new end there and on the list
            assert is_signed_in(browser)


def test_use_changes_only_the_end_of_the_stored_session(browser, clock):
    before = Session.objects.values().get()
    clock.move_to(START + HOUR, tick=False)
    is_signed_in(browser)
    assert Session.objects.values().get() == {**before, "expire_date": START + HOUR + 14 * DAY}


def test_a_request_succeeds_while_the_database_can_not_be_written_to(browser, clock, monkeypatch):
    def refuse(*args, **values):
        raise OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(QuerySet, "update", refuse)
    monkeypatch.setattr("tutorarc.http.session_store.is_outage", lambda error: True)
    clock.move_to(START + HOUR, tick=False)
    assert is_signed_in(browser)


def test_a_sign_in_of_the_version_before_is_kept_and_gets_the_limits(staff, clock):
    content = SessionStore().decode(Session.objects.get().session_data)
    del content[STARTED]
    Session.objects.update(session_data=SessionStore().encode(content), expire_date=START + 7 * DAY)
    clock.move_to(START + DAY, tick=False)
    assert is_signed_in(staff)
    assert Session.objects.get().expire_date == START + DAY + 2 * HOUR
    assert SessionStore().decode(Session.objects.get().session_data)[STARTED] == int((START + DAY).timestamp())


def test_a_session_without_a_sign_in_is_kept_for_a_day(clock, client, db):
    session = client.session
    session["seen"] = True
    session.save()
    assert Session.objects.get().expire_date == START + DAY


def test_an_ended_sign_in_is_deleted_by_prune(browser, clock):
    clock.move_to(START + 14 * DAY, tick=False)
    call_command("prune")
    assert not Session.objects.exists()


# What the user is told


def notices(client, path="/developers/keys"):
    """The messages on the sign-in page, where a page sends the user."""
    return [str(message) for message in client.get(path, follow=True).context["messages"]]


@pytest.mark.parametrize("path", ["/developers/keys", "/accounts/"])
def test_the_sign_in_page_says_why_the_user_was_signed_out(browser, clock, path):
    clock.move_to(START + 14 * DAY, tick=False)
    assert notices(browser, path) == [IDLE]


def test_it_names_the_limit_of_staff(staff, clock):
    clock.move_to(START + 2 * HOUR, tick=False)
    assert notices(staff, "/admin/") == ["You were signed out because you did nothing here for 2 hours."]


def test_it_names_the_longest_time_of_a_sign_in(browser, clock):
    for days in (10, 20):
        clock.move_to(START + days * DAY, tick=False)
        assert is_signed_in(browser)
    clock.move_to(START + 30 * DAY, tick=False)
    assert notices(browser) == ["You were signed out because your sign-in was 30 days ago."]


def test_a_sign_in_that_another_device_ended_is_explained(browser):
    Session.objects.all().delete()
    assert notices(browser) == [ENDED]


def test_a_sign_in_that_a_new_password_ended_is_explained(browser, alice):
    alice.change_password(Actor(alice), "another-long-one")
    assert notices(browser) == [ENDED]


def test_a_visitor_without_a_sign_in_is_told_nothing(client, db):
    assert notices(client) == []


def test_what_was_typed_in_a_form_is_shown_again_without_its_secrets(browser, clock):
    clock.move_to(START + 14 * DAY, tick=False)
    typed = {"name": "Timetable of the <b>choir</b>", "new_password1": "correct-horse", "csrfmiddlewaretoken": "abc"}
    page = browser.post(
        "/developers/keys/new", {**typed, "token": "xyz", "scopes": ["classes:read"] * 2, "sure": "yes"}
    )
    assert (page.status_code, page.context["reason"]) == (401, IDLE)
    assert page.context["kept"] == [("Name", "Timetable of the <b>choir</b>")]
    assert "<b>choir" not in page.text
    assert "correct-horse" not in page.text
    assert "/accounts/login/?next=/developers/keys/new" in page.text


def test_the_admin_site_keeps_what_was_typed_too(staff, clock, alice):
    clock.move_to(START + 2 * HOUR, tick=False)
    page = staff.post(f"/admin/tutorarc/user/{alice.pk}/change/", {"display_name": "Alice Jones", "_save": "Save"})
    assert (page.status_code, page.context["kept"]) == (401, [("Display name", "Alice Jones")])


def test_a_page_of_the_api_says_why_and_keeps_what_was_typed(browser, clock):
    clock.move_to(START + 14 * DAY, tick=False)
    page = browser.post("/api/v1/classes", form(title="Botany"), FORM, headers=HTML)
    assert (page.status_code, page.context["kept"]) == (401, [("Title", "Botany")])
    assert f"{IDLE} Nothing was changed." in page.text


def test_what_was_chosen_for_a_lesson_is_not_shown_as_typed(browser, clock):
    clock.move_to(START + 14 * DAY, tick=False)
    chosen = {"classId": "none", "length": "other", "repeat": "weekly", "timeZone": "Europe/Berlin", "strict": "false"}
    dates = {"datesOf": "FREQ=WEEKLY;COUNT=1 UTC 2036-03-20T10:00:00Z", "date": "2036-03-20T10:00:00Z"}
    page = browser.post("/api/v1/sessions", form(title="Rings", **chosen, **dates), FORM, headers=HTML)
    assert (page.status_code, page.context["kept"]) == (401, [("Title", "Rings")])


def test_a_program_is_told_that_the_session_has_expired(signed_in, clock, alice):
    client = signed_in(alice)
    clock.move_to(START + 14 * DAY, tick=False)
    answer = client.get("/me")
    assert verdict(answer) == unauthenticated("no_credential")
    assert answer.json()["error"]["message"] == "Your session has expired. Sign in again."
