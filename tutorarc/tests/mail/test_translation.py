"""All texts of mails go through gettext: in a pseudo-locale nothing else is left in them."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from members.models import Membership
from sessions.reminders import remind
from tutorarc.domain import caller
from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import Actor
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import add_notices
from tutorarc.mail.password_mail import queue_password_mails
from tutorarc.mail.security import NOTICES, mail_about_event
from tutorarc.models import SecurityEvent
from tutorarc.tests.site.pseudo_locale import lines_outside, pseudo_locale, unmarked_texts

pytestmark = pytest.mark.django_db
BROWSER = caller.Caller(
    "203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "req_1"
)


@pytest.fixture
def unmarked(sent_mail, monkeypatch, settings, alice, bob):
    """`unmarked(do)`: unmarked texts of the mails that are sent because of what `do()` does. Names have no letters."""
    settings.PUBLIC_URL = "https://school.example"
    type(alice).objects.filter(pk__in=[alice.pk, bob.pk]).update(display_name="1")

    def texts(do):
        before = len(sent_mail())
        with pseudo_locale(monkeypatch):
            do()
            letters = sent_mail()[before:]
        assert letters != []
        return [text for letter in letters for text in _unmarked(letter)]

    return texts


def _unmarked(letter):
    yield from lines_outside(letter.subject)
    yield from lines_outside(letter.body)
    for content, content_type in getattr(letter, "alternatives", []):
        if content_type == "text/html":
            yield from unmarked_texts(content)
        else:
            yield from lines_outside("\n".join(re.findall("^(?:SUMMARY|DESCRIPTION):(.*)", content, re.MULTILINE)))


@pytest.mark.parametrize("kind", NOTICES, ids=str)
@pytest.mark.parametrize("by_owner", [True, False], ids=["by the owner", "by a command"])
def test_security_mail(unmarked, alice, kind, by_owner):
    caller.current.set(BROWSER)
    event = SecurityEvent(kind=kind, user=alice, actor=alice if by_owner else None, created_at=timezone.now())
    event.details = {"factor": "totp", "host": "", "previous_email": "former@example.org"}
    assert unmarked(lambda: mail_about_event(event)) == []


def test_password_mail(unmarked, alice):
    assert unmarked(lambda: queue_password_mails([alice], "https://school.example")) == []


def test_requests_and_their_answers(unmarked, alice, bob, algebra):
    algebra.edit(Actor(alice), title="12")
    assert unmarked(lambda: Membership.objects.request(algebra, algebra.class_code, Actor(bob))) == []
    assert unmarked(lambda: Membership.objects.approve(algebra, [bob.pk], Actor(alice))) == []
    assert unmarked(lambda: Membership.objects.remove(algebra, bob.pk, Actor(alice))) == []


def test_lessons(unmarked, alice, bob, algebra, join, schedule):
    algebra.edit(Actor(alice), title="12")
    join(algebra, bob)
    soon = timezone.now() + timedelta(hours=3)
    made = []
    assert unmarked(lambda: made.append(schedule(klass=algebra, title="7", start_time=soon))) == []
    assert unmarked(lambda: made[0].reschedule(Actor(alice), start_time=soon + timedelta(days=3))) == []
    assert unmarked(lambda: made[0].cancel(Actor(alice))) == []
    assert unmarked(lambda: [schedule(klass=algebra, title="8", start_time=soon) for _ in range(2)]) == []


@pytest.mark.parametrize("lessons", [1, 2])
def test_reminders(unmarked, sent_mail, alice, bob, algebra, join, schedule, lessons):
    algebra.edit(Actor(alice), title="12")
    join(algebra, bob)
    soon = timezone.now() + timedelta(hours=3)
    made = [schedule(klass=algebra, title="7", start_time=soon) for _ in range(lessons)]
    sent_mail()
    assert (
        unmarked(lambda: [remind({"session": one.pk, "start": datetime_text(soon), "hours": 24}) for one in made]) == []
    )


@pytest.mark.parametrize("reason", ["", "⟦reason⟧"], ids=["failing", "disabled"])
@pytest.mark.parametrize("urls", [1, 2])
def test_webhooks(unmarked, alice, reason, urls):
    details = [{"url": f"https://{number}.example/", "disabled_because": reason} for number in range(urls)]
    notices = [Notice(user=alice, kind="webhooks", about=uuid4(), details=each) for each in details]
    assert unmarked(lambda: add_notices(notices)) == []
