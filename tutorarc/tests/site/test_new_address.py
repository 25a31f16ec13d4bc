"""Changing one's own e-mail address by a link that is mailed to the new one."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.redaction import redact
from tutorarc.mail.outgoing import OFF
from tutorarc.models import SecurityEvent, SecurityEventKind, User
from tutorarc.testing.mail import do_mail_jobs

PAGE, ACCOUNT = "/accounts/email/", "/accounts/"
OLD, NEW = "erin@example.org", "erin.holt@example.com"
PASSWORD = "correct-horse-battery"
LINK = re.compile(r"^https?://[^/]+(/accounts/email/\S+)$", re.MULTILINE)


@pytest.fixture
def erin(make_user):
    """Erin, who chose her password herself."""
    user = make_user("Erin", "TEACHER", password=PASSWORD)
    User.objects.filter(pk=user.pk).update(password_set_by=user)
    return User.objects.get(pk=user.pk)


@pytest.fixture
def sign_in():
    """`sign_in(user)`: a browser in which the user has just signed in with the password."""

    def browser(user, password=PASSWORD):
        client = Client()
        client.force_login(user)
        response = client.post("/accounts/reauthenticate/", {"password": password})
        assert response.status_code == 302
        do_mail_jobs()  # of what happened until now
        return client

    return browser


def ask(browser, address=NEW):
    """Send the form, and return all mail that was sent for it."""
    response = browser.post(PAGE, {"email": address})
    assert (response.status_code, response.headers.get("Location")) == (302, ACCOUNT)
    return sent()


def sent():
    mail.outbox.clear()
    do_mail_jobs()
    return list(mail.outbox)


def link_in(letter):
    return LINK.search(letter.body).group(1)


def address_of(user):
    return User.objects.get(pk=user.pk).email


def test_the_mail_goes_to_the_new_address_and_names_it_and_the_site(sign_in, erin):
    [letter] = ask(sign_in(erin))
    assert (letter.subject, letter.to) == ("Confirm your new e-mail address", [NEW])
    assert letter.body == (
        "Hello,\n\n"
        f"you asked to use {NEW} as your address at testserver.\n"
        "Open this link in the browser where you are signed in:\n\n"
        f"http://testserver{link_in(letter)}\n\n"
        "The link works once and expires after 24 hours.\n"
        "If you didn't ask for it, ignore this e-mail.\n\n"
        "TutorArc\n"
    )
    assert address_of(erin) == OLD


def test_the_address_changes_on_the_page_behind_the_link_and_both_addresses_are_told(sign_in, erin):
    browser = sign_in(erin)
    link = link_in(ask(browser)[0])
    assert browser.get(link).status_code == 200
    assert address_of(erin) == OLD  # opening it changes nothing: mail programs open links
    response = browser.post(link)
    assert (response.status_code, response.headers["Location"]) == (302, ACCOUNT)
    assert (address_of(erin), User.objects.get(pk=erin.pk).is_address_confirmed) == (NEW, True)
    assert sorted(letter.to for letter in sent()) == [[NEW], [OLD]]
    assert SecurityEvent.objects.filter(kind=SecurityEventKind.EMAIL_CHANGED, user=erin).count() == 1
    assert browser.post(link).status_code == 404  # used


def test_an_address_that_somebody_has_is_answered_alike_and_its_mail_has_no_link(sign_in, erin, bob):
    browser = sign_in(erin)
    [letter] = ask(browser, bob.email)
    assert letter.to == [bob.email]
    assert "There is an account with this address already" in letter.body
    assert not LINK.search(letter.body)


def test_a_known_and_an_unknown_address_cost_the_same_statements(sign_in, erin, bob, django_assert_num_queries):
    browser = sign_in(erin)
    ask(browser, "first@example.com")
    for address in (bob.email, "nobody@example.com"):
        with django_assert_num_queries(8):
            browser.post(PAGE, {"email": address})


def test_an_address_that_was_taken_meanwhile_stays_with_its_owner(sign_in, erin, bob):
    browser = sign_in(erin)
    link = link_in(ask(browser)[0])
    bob.edit(SYSTEM, email=NEW)
    assert browser.post(link).status_code == 409
    assert (address_of(erin), address_of(bob)) == (OLD, NEW)


def test_the_link_of_another_person_does_not_work(sign_in, erin, make_user):
    finn = make_user("Finn", password=PASSWORD)
    link = link_in(ask(sign_in(erin))[0])
    assert sign_in(finn).post(link).status_code == 404
    assert address_of(finn) == "finn@example.org"


def test_a_link_expires_after_a_day(sign_in, erin, time_machine):
    link = link_in(ask(sign_in(erin))[0])
    time_machine.move_to(timezone.now() + timedelta(hours=24, seconds=1), tick=False)
    assert sign_in(erin).post(link).status_code == 404


def test_a_link_from_before_a_new_password_does_not_work(sign_in, erin):
    link = link_in(ask(sign_in(erin))[0])
    erin.change_password(Actor(erin), "a-longer-staple-7")
    assert sign_in(User.objects.get(pk=erin.pk), "a-longer-staple-7").post(link).status_code == 404


def test_a_forged_link_does_not_work(sign_in, erin):
    link = link_in(ask(sign_in(erin))[0])
    assert sign_in(erin).post(link[:-1] + ("A" if link[-1] != "A" else "B")).status_code == 404


def test_the_link_is_logged_without_what_makes_it_work(sign_in, erin):
    link = link_in(ask(sign_in(erin))[0])
    assert redact(link) == "/accounts/email/...:{}:...".format(link.split(":")[1])


def test_the_link_asks_for_a_sign_in_first(client, sign_in, erin):
    link = link_in(ask(sign_in(erin))[0])
    assert client.post(link).headers["Location"] == f"/accounts/login/?{urlencode({'next': link}, safe='/')}"


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_password_is_asked_for_again_after_15_minutes(sign_in, erin, time_machine, method):
    browser = sign_in(erin)
    time_machine.move_to(timezone.now() + timedelta(minutes=15, seconds=1), tick=False)
    response = getattr(browser, method)(PAGE, {"email": NEW})
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")
    assert sent() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "This field is required."),
        ("erin", "Enter a valid email address."),
        (OLD.upper(), "This is your address already."),
    ],
)
def test_a_wrong_address_is_refused(sign_in, erin, typed, words):
    response = sign_in(erin).post(PAGE, {"email": typed})
    assert response.status_code == 400
    assert words in response.content.decode()
    assert sent() == []


def test_one_address_gets_three_mails_in_15_minutes_and_the_page_does_not_tell(sign_in, erin):
    browser = sign_in(erin)
    assert [len(ask(browser)) for _ in range(5)] == [1, 1, 1, 0, 0]


def test_where_no_mail_is_sent_staff_make_the_change(sign_in, erin, settings):
    settings.EMAIL_BACKEND = OFF
    browser = sign_in(erin)
    assert "Ask the staff" in browser.get(PAGE).content.decode()
    assert browser.post(PAGE, {"email": NEW}).status_code == 409


def test_somebody_whose_password_staff_know_does_not_confirm_the_address(sign_in, erin, root):
    """Staff could have signed in as them, and have opened the link in a mailbox of their own."""
    erin.change_password(Actor(root), "set-by-the-staff-7")
    browser = sign_in(User.objects.get(pk=erin.pk), "set-by-the-staff-7")
    browser.post(link_in(ask(browser)[0]))
    assert (address_of(erin), User.objects.get(pk=erin.pk).is_address_confirmed) == (NEW, False)
