"""Sending by jobs, to a mail server that is slow, refuses, greylists or is away."""

import email
from datetime import timedelta
from email.policy import default as policy

import pytest
from django.core.mail.backends import locmem
from django.utils import timezone

from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run
from tutorarc.mail.outgoing import LEASE, OFF, RETRIES, Mail, queue
from tutorarc.testing.mail import do_mail_jobs

MAIL = Mail(to="erin@example.org", subject="Hello", text="Hello Erin", id="1")


@pytest.fixture
def attempt(db):
    """`attempt()`: one attempt to do the job that is due, and the job afterwards."""

    def once():
        [job] = Job.objects.claim(["mail"], "test", 10)
        run(job)
        job.refresh_from_db()
        return job

    return once


def parsed(envelope):
    return email.message_from_bytes(envelope.content, policy=policy)


def test_a_mail_has_a_text_and_an_html_part(attempt, mail_server):
    queue(Mail(to="erin@example.org", subject="Hello", text="Hello Zoë", html="<p>Hello Zoë</p>", id="1"))
    assert attempt().done_at
    [envelope] = mail_server.received
    message = parsed(envelope)
    assert (envelope.rcpt_tos, message["To"], message["Subject"]) == (["erin@example.org"], "erin@example.org", "Hello")
    assert message["From"] == "TutorArc <tutorarc@localhost>"
    assert message["Message-ID"] == "<1@localhost>"
    assert message.get_content_type() == "multipart/alternative"
    assert [(part.get_content_type(), part.get_content().strip()) for part in message.iter_parts()] == [
        ("text/plain", "Hello Zoë"),
        ("text/html", "<p>Hello Zoë</p>"),
    ]


def test_a_long_link_in_a_header_stays_readable_for_mail_programs(attempt, mail_server):
    link = f"<https://school.example/accounts/unsubscribe/{'x' * 150}>"
    queue(Mail(to="erin@example.org", subject="Hello", text="", headers={"List-Unsubscribe": link}))
    assert attempt().done_at
    [envelope] = mail_server.received
    assert link.encode() in envelope.content


def test_no_text_adds_a_header(attempt, mail_server):
    queue(Mail(to="erin@example.org", subject="Hello\r\nBcc: eve@example.org\u2028\x85X: y", text="", id="1"))
    assert attempt().done_at
    [envelope] = mail_server.received
    message = parsed(envelope)
    assert (envelope.rcpt_tos, message["Bcc"], message["X"]) == (["erin@example.org"], None, None)
    assert message["Subject"] == "Hello Bcc: eve@example.org X: y"


def test_what_a_server_refuses_is_logged_without_a_traceback(attempt, mail_server, caplog):
    mail_server.replies = ["450 4.2.0 Greylisted"]
    queue(MAIL)
    attempt()
    [line] = [record for record in caplog.records if record.name == "tutorarc.jobs"]
    assert (line.levelname, line.exc_info) == ("WARNING", None)


def test_a_server_that_greylists_gets_the_mail_again(attempt, mail_server, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    mail_server.replies = ["450 4.2.0 Greylisted, try again in 5 minutes"]
    queue(MAIL)
    job = attempt()
    assert job.last_error == "The mail server refused the mail for now: 450 4.2.0 Greylisted, try again in 5 minutes"
    assert timedelta(seconds=60) <= job.due_at - timezone.now() <= timedelta(seconds=66)
    assert (job.failed_at, Job.objects.claim(["mail"], "test", 10)) == (None, [])
    time_machine.shift(timedelta(seconds=67))
    assert attempt().done_at
    assert len(mail_server.received) == 1


@pytest.mark.parametrize("reply", ["550 5.1.1 No such mailbox", "554 5.7.1 Not wanted"])
@pytest.mark.parametrize("step", ["replies", "data_replies"])
def test_what_is_refused_for_good_fails_with_its_reason(attempt, mail_server, step, reply):
    setattr(mail_server, step, [reply])
    queue(MAIL)
    job = attempt()
    assert job.failed_at
    assert job.last_error == f"The mail server refused the mail for good: {reply}"


def test_a_message_that_is_refused_for_now_is_sent_again(attempt, mail_server):
    mail_server.data_replies = ["451 4.3.0 Try later"]
    queue(MAIL)
    job = attempt()
    assert (job.failed_at, job.last_error) == (None, "The mail server refused the mail for now: 451 4.3.0 Try later")


def test_a_server_that_wants_another_sender_is_tried_again_as_the_operator_can_mend_it(
    attempt, mail_server, monkeypatch
):
    async def refuse(*args):
        return "553 5.7.1 Not your address"

    monkeypatch.setattr(mail_server, "handle_MAIL", refuse, raising=False)
    queue(MAIL)
    job = attempt()
    assert (job.failed_at, job.last_error) == (None, "The mail server refused: 553 5.7.1 Not your address")


def test_a_server_that_is_away_is_tried_again(attempt, settings, unused_port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port
    queue(MAIL)
    job = attempt()
    assert job.failed_at is None
    assert job.last_error == "The mail server could not be used: [Errno 111] Connection refused"


def test_a_server_that_does_not_answer_is_given_up_for_now(attempt, settings, silent_server):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", silent_server, 0.05
    queue(MAIL)
    job = attempt()
    assert (job.failed_at, job.last_error) == (
        None,
        "The mail server could not be used: Connection unexpectedly closed: timed out",
    )


def test_after_two_days_it_has_failed(attempt, settings, monkeypatch, time_machine):
    def fail(*args):
        raise ConnectionRefusedError("away")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    queue(MAIL)
    for seconds in RETRIES:
        assert attempt().failed_at is None
        time_machine.shift(timedelta(seconds=seconds * 1.1))
    assert attempt().failed_at
    assert timedelta(days=2) < timedelta(seconds=sum(RETRIES)) < timedelta(days=2, hours=3)


def test_a_slow_server_does_not_lose_the_claim(settings):
    """Up to eight replies are waited for: greeting, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, and the end."""
    assert timedelta(seconds=9 * settings.EMAIL_TIMEOUT) < LEASE


def test_where_mail_is_off_nothing_is_queued(db, settings):
    settings.EMAIL_BACKEND = OFF
    queue(MAIL)
    assert Job.objects.count() == 0


def test_what_waits_when_mail_is_turned_off_is_dropped(db, settings, mailoutbox):
    queue(MAIL)
    settings.EMAIL_BACKEND = OFF
    do_mail_jobs()
    assert (Job.objects.open().count(), mailoutbox) == (0, [])
