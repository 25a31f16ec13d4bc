"""The page where people choose their notifications."""

import re

import pytest
from django.test import Client

from tutorarc.mail.models import UnwantedKind
from tutorarc.mail.outgoing import OFF

PAGE = "/accounts/notifications"
BOX = re.compile(r'<input type="checkbox" name="wanted" value="(\w+)"[^>]*?( checked)?>')


def boxes(client):
    return [(kind, bool(checked)) for kind, checked in BOX.findall(client.get(PAGE).text)]


@pytest.mark.parametrize("method", ["get", "post"])
def test_it_asks_for_a_sign_in_first(client, db, method):
    response = getattr(client, method)(PAGE)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={PAGE}")


def test_at_first_everything_is_wanted(client, alice):
    client.force_login(alice)
    assert boxes(client) == [
        ("join_requests", True),
        ("answers", True),
        ("lessons", True),
        ("reminders", True),
        ("webhooks", True),
    ]


def test_students_see_what_they_can_get(client, bob):
    client.force_login(bob)
    assert boxes(client) == [("answers", True), ("lessons", True), ("reminders", True)]


def test_a_choice_is_saved_and_can_be_changed(client, bob, alice):
    client.force_login(bob)
    response = client.post(PAGE, {"wanted": ["answers"]}, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert b"Your choice was saved." in response.content
    assert boxes(client) == [("answers", True), ("lessons", False), ("reminders", False)]
    client.post(PAGE, {"wanted": ["lessons", "reminders"]})
    assert list(UnwantedKind.objects.values_list("user", "kind")) == [(bob.pk, "answers")]
    client.post(PAGE, {})
    assert boxes(client) == [("answers", False), ("lessons", False), ("reminders", False)]


def test_what_the_page_does_not_show_stays_as_it_is(client, bob):
    """A teacher who becomes a student, and a teacher again, finds the choice of before."""
    UnwantedKind.objects.unsubscribe(bob.pk, "join_requests")
    client.force_login(bob)
    client.post(PAGE, {"wanted": ["answers", "lessons", "reminders"]})
    assert list(UnwantedKind.objects.values_list("kind", flat=True)) == ["join_requests"]


def test_an_unknown_kind_is_refused(client, bob):
    client.force_login(bob)
    page = client.post(PAGE, {"wanted": ["answers", "everything"]})
    assert (page.status_code, UnwantedKind.objects.count()) == (400, 0)


def test_a_form_from_another_site_changes_nothing(bob):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(bob)
    assert stranger.post(PAGE, {}).status_code == 403
    assert UnwantedKind.objects.count() == 0


def test_where_no_mail_is_sent_the_page_says_so(client, bob, settings):
    client.force_login(bob)
    assert "sends no e-mail" not in client.get(PAGE).text
    settings.EMAIL_BACKEND = OFF
    assert "This site sends no e-mail at the moment." in client.get(PAGE).text


def test_the_time_of_reminders_is_saved_and_stays_if_it_is_not_sent(client, bob):
    client.force_login(bob)
    assert client.get(PAGE).context["form"]["reminder_hours"].value() == 24
    client.post(PAGE, {"wanted": ["reminders"], "reminder_hours": "3"})
    client.post(PAGE, {"wanted": ["reminders"]})
    assert client.get(PAGE).context["form"]["reminder_hours"].value() == 3
    assert client.post(PAGE, {"reminder_hours": "5"}).status_code == 400
