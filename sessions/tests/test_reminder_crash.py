"""A worker is killed while reminders go out: another one goes on, and each reminder is sent once."""

import email
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from email.policy import default as policy
from signal import SIGKILL

from tutorarc.testing.server import ROOT

TEACHER, *STUDENTS = PEOPLE = ["teacher@example.org", *(f"s{number}@example.org" for number in range(40))]
CLASSES = {"Algebra": STUDENTS[:25], "Biology": STUDENTS[15:]}  # each with a lesson; ten students are in both
TO_TELL = {(address, title) for title, students in CLASSES.items() for address in (TEACHER, *students)}
KILLED_AT = 10  # the mail that the server accepts while the worker is killed, before it gets the reply
START = f"""
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.jobs.models import Job
from tutorarc.models import User
alice, now = User.objects.get(email="{TEACHER}"), timezone.now()
User.objects.bulk_create(User(email=address, display_name=address[:3]) for address in {STUDENTS})
for title, addresses in {CLASSES}.items():
    klass = Class.objects.create_with_teacher(Actor(alice), title=title, description="")
    Membership.objects.bulk_create(
        Membership(klass=klass, user=user, role="STUDENT", status="APPROVED", joined_at=now)
        for user in User.objects.filter(email__in=addresses)
    )
    begins = now + timedelta(hours=30)
    LiveSession.objects.schedule(Actor(alice), klass=klass, title=title, start_time=begins, duration=60)
consume_events()
Job.objects.exclude(kind="remind").delete()  # what tells of the new lessons
Job.objects.update(due_at=now)
"""
NOTICES = "SELECT count(*) FROM mail_notice WHERE kind = 'reminders'"
MAILS_ARE_DUE = "UPDATE jobs_job SET due_at = '2000-01-01' WHERE kind = 'class_notices'"  # a minute or a lease is over
UNSENT_AND_CLAIMED = "SELECT count(*), count(claim) FROM jobs_job WHERE kind = 'class_notices' AND done_at IS NULL"


def test_after_kill_9_of_its_worker_another_one_sends_the_other_reminders(
    tmp_path, provision, mail_server, settings, monkeypatch
):
    """Only the mail that the server had just accepted is sent again, with its Message-ID: mailboxes show it once."""
    url = f"smtp://127.0.0.1:{settings.EMAIL_PORT}?from=school@example.org"
    site = provision(tmp_path, TUTORARC_EMAIL_URL=url)

    def ask(statement):
        with closing(sqlite3.connect(tmp_path / "live.sqlite3", timeout=30)) as connection, connection:
            return connection.execute(statement).fetchone()

    def python(*arguments):
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=site.environment)  # noqa: S603

    async def accept_and_kill(server, session, envelope):
        mail_server.received.append(envelope)
        if len(mail_server.received) == KILLED_AT:
            worker.kill()
            worker.wait()
        return "250 OK"

    monkeypatch.setattr(mail_server, "handle_DATA", accept_and_kill)
    assert python("-c", START).wait() == 0
    worker = python("manage.py", "work")
    try:
        while ask(NOTICES)[0] < len(TO_TELL):
            assert worker.poll() is None
            time.sleep(0.05)
        ask(MAILS_ARE_DUE)
        assert worker.wait(timeout=60) == -SIGKILL
    finally:
        worker.kill()
        worker.wait()
    assert len(mail_server.received) == KILLED_AT
    assert ask(UNSENT_AND_CLAIMED) == (len(PEOPLE) - KILLED_AT + 1, 1)
    ask(MAILS_ARE_DUE)
    assert python("manage.py", "work", "--once").wait() == 0
    mails = [email.message_from_bytes(envelope.content, policy=policy) for envelope in mail_server.received]
    again = mails[KILLED_AT - 1]
    assert ask(UNSENT_AND_CLAIMED) == (0, 0)
    assert Counter(mail["To"] for mail in mails) == Counter([*PEOPLE, again["To"]])
    ids = [mail["Message-ID"] for mail in mails]
    assert Counter(ids) == Counter([*set(ids), again["Message-ID"]])
    assert {(mail["To"], title) for mail in mails for title in CLASSES if told(mail, title)} == TO_TELL


def told(mail, title):
    """Whether it names this lesson, which has the title of its class."""
    return f"- {title} ({title}): " in mail.get_body(("plain",)).get_content()
