"""How notices are bundled, sent once, and left out."""

from datetime import timedelta
from smtplib import SMTPDataError
from uuid import uuid4

import pytest
from django.core.mail.backends import locmem
from django.utils import timezone

from tutorarc.domain.events import SYSTEM
from tutorarc.jobs import registry
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run
from tutorarc.mail import kinds
from tutorarc.mail.event_notices import queue_notices as consume
from tutorarc.mail.kinds import Letter, NoticeKind, Section
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.mail.notices import add_notices
from tutorarc.mail.outgoing import OFF
from tutorarc.models import Event

EVENT = "class.archived"


@pytest.fixture(autouse=True)
def _trial(monkeypatch):
    """A kind that tells how many notices there are."""

    def compose(_, notices):
        return Letter(f"{len(notices)} notices", [Section("Text.")])

    kind = NoticeKind("trial", "Trial", "A hint.", "you try it", compose, event_types=(EVENT,))
    monkeypatch.setitem(kinds.KINDS, "trial", kind)


def notices(*people):
    return [Notice(user=user, kind="trial", about=uuid4()) for user in people]


def due(kind="notices"):
    return Job.objects.claim([kind], "test", 10)


def subjects(mailoutbox):
    return [(letter.to[0], letter.subject) for letter in mailoutbox]


def test_what_comes_within_a_minute_of_the_first_one_is_one_mail(alice, bob, mailoutbox, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    add_notices(notices(alice, alice, bob))
    time_machine.shift(timedelta(seconds=59))
    add_notices(notices(alice))
    assert due() == []
    time_machine.shift(timedelta(seconds=1))
    for job in due():
        run(job)
    assert sorted(subjects(mailoutbox)) == [(alice.email, "3 notices"), (bob.email, "1 notices")]
    assert due() == []


def test_what_comes_while_a_mail_is_sent_gets_another_one(alice, mailoutbox, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    add_notices(notices(alice))
    time_machine.shift(timedelta(seconds=60))
    [job] = due()
    add_notices(notices(alice))
    run(job)
    [again] = due()
    add_notices(notices(alice))
    run(again)
    assert subjects(mailoutbox)[0] == (alice.email, "2 notices")
    [last] = due()
    run(last)
    assert subjects(mailoutbox)[1:] == [(alice.email, "1 notices")]


def test_a_repeated_job_tells_nothing_twice(alice, sent_mail):
    told = notices(alice)
    add_notices(told)
    assert len(sent_mail()) == 1
    new, repeated = notices(alice)[0], Notice(user=alice, kind="trial", about=told[0].about)
    add_notices([repeated])
    assert (len(sent_mail()), Job.objects.open().filter(kind="notices").count()) == (1, 0)
    assert Notice.objects.add_wanted([repeated, new]) == [new]


@pytest.fixture
def run_and_kill(monkeypatch):
    """`run_and_kill(job)`: the worker is killed as soon as the mail server has the mail."""
    send = locmem.EmailBackend.send_messages

    def send_and_die(*args):
        send(*args)
        raise SystemExit

    def run_until_killed(job):
        with monkeypatch.context() as patch:
            patch.setattr(locmem.EmailBackend, "send_messages", send_and_die)
            with pytest.raises(SystemExit):
                run(job)

    return run_until_killed


def test_after_a_crash_the_same_mail_is_sent_again_and_newer_notices_in_another(
    alice, mailoutbox, time_machine, run_and_kill
):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    add_notices(notices(alice))
    time_machine.shift(timedelta(seconds=60))
    run_and_kill(*due())
    add_notices(notices(alice, alice))
    time_machine.shift(timedelta(minutes=5))
    run(*due())
    assert [letter.subject for letter in mailoutbox] == ["1 notices", "1 notices", "2 notices"]
    first, again, later = [letter.extra_headers["Message-ID"] for letter in mailoutbox]
    assert first == again != later
    assert due() == []


def test_what_came_while_a_mail_failed_is_told_by_the_next(alice, sent_mail, monkeypatch):
    """The server may have got the mail, and only its answer was lost."""

    def fail(*args):
        raise OSError("away")

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", fail)
        add_notices(notices(alice))
        assert sent_mail() == []
    Job.objects.update(attempts=0)
    add_notices(notices(alice, alice))
    assert subjects(sent_mail()) == [(alice.email, "1 notices"), (alice.email, "2 notices")]


def test_a_mail_that_was_refused_for_good_does_not_hold_up_the_next(alice, sent_mail, monkeypatch):
    def refuse(*args):
        raise SMTPDataError(554, b"too large")

    with monkeypatch.context() as patch:
        patch.setattr(locmem.EmailBackend, "send_messages", refuse)
        add_notices(notices(alice))
        assert sent_mail() == []
    add_notices(notices(alice, alice))
    assert subjects(sent_mail()) == [(alice.email, "3 notices")]


def test_who_never_signed_in_is_told_at_the_address_that_staff_entered(alice, sent_mail):
    assert not alice.is_address_confirmed
    add_notices(notices(alice))
    assert subjects(sent_mail()) == [(alice.email, "1 notices")]


def test_inactive_people_get_no_notice(alice, sent_mail):
    add_notices(notices(alice))
    alice.edit(SYSTEM, is_active=False)
    assert sent_mail() == []
    assert Notice.objects.filter(told_at=None).count() == 0


def test_a_kind_that_is_turned_off_meanwhile_is_not_told(alice, sent_mail):
    add_notices(notices(alice))
    UnwantedKind.objects.unsubscribe(alice.pk, "trial")
    assert sent_mail() == []


def event():
    row = Event(type=EVENT, object_id=uuid4(), created_at=timezone.now())
    row.save()
    return row


def test_events_are_told_by_a_job(db):
    archived = event()
    consume([archived, Event(type="class.created")])
    assert [job.payload for job in due("notify")] == [{"events": [archived.pk]}]


def test_a_job_has_few_events_and_five_minutes(db):
    events = [event() for _ in range(51)]
    consume(events)
    first, second = [job.payload["events"] for job in due("notify")]
    assert (len(first), len(second), first + second) == (50, 1, [row.pk for row in events])
    assert registry.KINDS["notify"].lease == timedelta(minutes=5)


@pytest.mark.parametrize(("backend", "kind"), [(OFF, EVENT), (locmem.__name__ + ".EmailBackend", "class.created")])
def test_where_mail_is_off_or_nobody_is_told_nothing_is_queued(db, settings, backend, kind):
    settings.EMAIL_BACKEND = backend
    consume([Event(type=kind)])
    assert Job.objects.count() == 0
