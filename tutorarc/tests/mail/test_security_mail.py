"""Mail to the owner of an account about changes that an intruder would make."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from tutorarc.domain import caller
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.jobs.models import Job
from tutorarc.mail.outgoing import OFF
from tutorarc.mail.security import CONSOLE, NOTICES
from tutorarc.models import SecurityEvent
from tutorarc.models import SecurityEventKind as Kind

PASSWORD = "correct-horse-battery"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
REQUEST = caller.Caller("203.0.113.7", FIREFOX, "req_1")
MAIL = """Hello Alice,

Your password was changed.

When: {time} (UTC)
Browser: Firefox 128 on Linux
Address: 203.0.113.7

If you expected this, you don't have to do anything.

If not, somebody else may have access to your account:
1. Choose a new password: https://school.example/accounts/forgotten/
   This ends all sign-ins.
2. Revoke API keys that you don't know: https://school.example/developers/keys
3. Tell the staff of your school.

TutorArc
"""


@pytest.fixture
def sent(sent_mail):
    """`sent(do)`: the mails that are sent because of what `do()` does."""

    def after(do):
        before = len(mail.outbox)
        do()
        return sent_mail()[before:]

    return after


@pytest.fixture(autouse=True)
def _no_request():
    """As in a command: a test before this one may have left the caller of its last request."""
    caller.current.set(caller.NO_CALLER)


@pytest.fixture
def from_a_browser(_no_request):
    caller.current.set(REQUEST)


@pytest.fixture
def event(alice):
    """`event(kind)`: records an event of Alice's, by herself."""

    def record(kind=Kind.PASSWORD_CHANGED, by=None, **details):
        return lambda: SecurityEvent.objects.record(kind, user=alice, by=by or Actor(alice), **details)

    return record


def test_a_mail_says_what_happened_when_from_where_and_what_to_do(settings, from_a_browser, event, sent):
    settings.PUBLIC_URL = "https://school.example"
    [letter] = sent(event())
    assert (letter.subject, letter.to) == ("TutorArc: Your password was changed", ["alice@example.org"])
    assert letter.body == MAIL.format(
        time=f"{SecurityEvent.objects.get(kind=Kind.PASSWORD_CHANGED).created_at:%A, %-d %B %Y, %H:%M}"
    )


def test_it_tells_the_time_in_the_zone_of_the_person(event, sent, alice, bob):
    alice.edit(Actor(alice), time_zone="America/New_York")
    alice.refresh_from_db()
    with timezone.override("Asia/Kathmandu"):  # that of the staff who cause it
        [letter] = sent(event(Kind.PASSWORD_SET_BY_OTHER, by=Actor(bob)))
    at = SecurityEvent.objects.get(kind=Kind.PASSWORD_SET_BY_OTHER).created_at.astimezone(ZoneInfo("America/New_York"))
    assert f"When: {at:%A, %-d %B %Y, %H:%M} (America/New_York)\n" in letter.body


def test_without_a_public_address_it_has_no_links(event, sent):
    [letter] = sent(event())
    assert "http" not in letter.body
    assert "1. Choose a new password (“Forgot your password?” on the sign-in page)." in letter.body


@pytest.mark.parametrize(
    ("kind", "details", "sentence"),
    [
        (Kind.PASSWORD_CHANGED, {}, "Your password was changed."),
        (Kind.PASSWORD_SET_BY_OTHER, {}, "A new password was set for your account."),
        (
            Kind.PASSWORD_LINK_MADE,
            {},
            "A one-time link was created, with which a new password can be set for your account.",
        ),
        (Kind.EMAIL_CHANGED, {}, "Your account now has the e-mail address alice@example.org."),
        (Kind.FACTOR_ADDED, {"factor": "webauthn"}, "A second factor was added to your account: a passkey."),
        (
            Kind.FACTOR_REMOVED,
            {"factor": "totp"},
            "A second factor was removed from your account: an authenticator app.",
        ),
        (Kind.API_KEY_MADE, {}, "An API key was created, or got a new secret. It acts as you."),
        (
            Kind.WEBHOOK_MADE,
            {"host": "https://example.org"},
            "A webhook now sends what happens in your classes to https://example.org.",
        ),
        (
            Kind.WEBHOOK_MOVED,
            {"host": "https://example.org"},
            "The URL of a webhook was changed. It now sends what happens in your classes to https://example.org.",
        ),
        (Kind.DATA_DOWNLOADED, {}, "A file with all data of your account was downloaded."),
        (
            Kind.WEBHOOK_ROTATED,
            {"host": "https://example.org"},
            "The webhook that sends to https://example.org got a new secret.",
        ),
    ],
)
def test_each_kind_has_its_sentence(event, sent, kind, details, sentence):
    [letter] = sent(event(kind, **details))
    assert letter.body.splitlines()[2] == sentence


def test_other_events_send_no_mail(event, sent):
    assert [kind for kind in Kind if kind not in NOTICES and sent(event(kind))] == []


def test_an_event_about_nobody_sends_no_mail(db, sent):
    assert sent(lambda: SecurityEvent.objects.record(Kind.PASSWORD_CHANGED)) == []


def test_what_staff_did_names_no_person_browser_or_address(from_a_browser, event, sent, root):
    [letter] = sent(event(Kind.PASSWORD_LINK_MADE, by=Actor(root)))
    assert letter.body.splitlines()[5] == "By: the staff of your school"
    assert [text for text in ("Root", "root@", "Firefox", "203.0.113.7") if text in letter.body] == []


def test_what_a_command_did_says_so(event, sent):
    [letter] = sent(event(by=SYSTEM))
    assert letter.body.splitlines()[5] == "By: a command on the server"


def test_a_new_address_is_told_to_the_old_one_too(event, sent):
    letters = sent(event(Kind.EMAIL_CHANGED, previous_email="old@example.org"))
    assert [letter.to for letter in letters] == [["alice@example.org"], ["old@example.org"]]


def test_after_a_change_of_the_address_the_staff_come_first(settings, event, sent):
    """A link for a new password would go to the new address."""
    settings.PUBLIC_URL = "https://school.example"
    new, old = sent(event(Kind.EMAIL_CHANGED, previous_email="old@example.org"))
    assert old.body == new.body
    assert old.body.partition("your account:\n")[2] == (
        "1. Tell the staff of your school at once: they can give your account its address back.\n"
        "2. Choose a new password: https://school.example/accounts/forgotten/\n"
        "   This ends all sign-ins.\n"
        "3. Revoke API keys that you don't know: https://school.example/developers/keys\n"
        "\nTutorArc\n"
    )


def test_a_name_in_hebrew_leaves_the_words_around_it_in_order(event, sent, alice):
    type(alice).objects.filter(pk=alice.pk).update(display_name="דוד")
    alice.refresh_from_db()
    assert sent(event())[0].body.startswith("Hello \u2068דוד\u2069,\n")


def test_a_name_is_written_as_it_is(event, sent, alice):
    type(alice).objects.filter(pk=alice.pk).update(display_name="Zoë <b> & Co")
    alice.refresh_from_db()
    assert sent(event())[0].body.startswith("Hello Zoë <b> & Co,\n")


def test_nobody_gets_more_than_twenty_mails_an_hour(event, sent, alice, bob, time_machine):
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, tzinfo=UTC), tick=False)
    assert len([letter for _ in range(21) for letter in sent(event())]) == 20
    assert len(sent(lambda: SecurityEvent.objects.record(Kind.PASSWORD_CHANGED, user=bob))) == 1
    time_machine.move_to(datetime(2026, 3, 14, 10, 0, tzinfo=UTC), tick=False)
    assert len(sent(event())) == 1


def test_a_command_writes_no_mail_into_its_output(settings, event, sent, capsys):
    settings.EMAIL_BACKEND = CONSOLE
    sent(event())
    assert capsys.readouterr().out == ""


def test_a_mail_is_queued_in_the_transaction_that_it_tells_of(event):
    with transaction.atomic():
        event()()
        assert Job.objects.filter(kind="mail").count() == 1
        transaction.set_rollback(True)
    assert Job.objects.filter(kind="mail").count() == 0


def test_the_queue_holds_no_text(event, alice):
    event()()
    [payload] = Job.objects.filter(kind="mail").values_list("payload", flat=True)
    assert list(payload) == ["encrypted"]
    assert "alice" not in str(payload)


def test_where_mail_is_off_none_is_queued(settings, event):
    settings.EMAIL_BACKEND = OFF
    event()()
    assert Job.objects.filter(kind="mail").count() == 0


# Sign-ins


def test_a_sign_in_with_a_new_browser_is_told_and_with_a_known_one_is_not(client, make_user, sent):
    make_user("Erin", password=PASSWORD)

    def sign_in():
        client.post("/accounts/login/", {"username": "erin@example.org", "password": PASSWORD})

    [letter] = sent(sign_in)
    assert (letter.to, letter.subject) == (["erin@example.org"], "TutorArc: Sign-in from a new browser")
    assert letter.body.splitlines()[2] == "You signed in with a browser that you had not used here before."
    assert "Address: 127.0.0.1" in letter.body
    client.post("/accounts/logout/")
    assert sent(sign_in) == []


def test_a_failed_sign_in_sends_no_mail(client, make_user, sent):
    make_user("Erin", password=PASSWORD)
    assert sent(lambda: client.post("/accounts/login/", {"username": "erin@example.org", "password": "x"})) == []
