"""A worker is killed while reminders go out: another one goes on, and one mail tells a person of a lesson."""

import email
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import closing
from email.policy import default as policy
from signal import SIGKILL

import psycopg
import pytest

from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import ROOT

TEACHER, *STUDENTS = PEOPLE = ["teacher@example.org", *(f"s{number}@example.org" for number in range(40))]
CLASSES = {"Algebra": STUDENTS[:25], "Biology": STUDENTS[15:]}  # each with a lesson; ten students are in both
TITLES = [*CLASSES, "Chemistry"]  # a lesson of everybody, whose reminder comes after the worker was killed
TO_TELL = {(address, title) for title, students in CLASSES.items() for address in (TEACHER, *students)}
KILLED_AT = 10  # the mail that the server accepts while the worker is killed, before it gets the reply
SETUP = f"""
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
def plan(title, addresses):
    klass = Class.objects.create_with_teacher(Actor(alice), title=title, description="")
    Membership.objects.bulk_create(
        Membership(klass=klass, user=user, role="STUDENT", status="APPROVED", joined_at=now)
        for user in User.objects.filter(email__in=addresses)
    )
    begins = now + timedelta(hours=30)
    LiveSession.objects.schedule(Actor(alice), klass=klass, title=title, start_time=begins, duration=60)
    consume_events()
    Job.objects.exclude(kind__in=["remind", "class_notices"]).delete()  # what tells of the new lesson
    Job.objects.filter(kind="remind").update(due_at=now)
"""
FIRST_LESSONS = f"""{SETUP}
User.objects.bulk_create(User(email=address, display_name=address[:3]) for address in {STUDENTS})
for title, addresses in {CLASSES}.items():
    plan(title, addresses)
"""
LATER_LESSON = f"""{SETUP}
from tutorarc.jobs.run import run
plan("Chemistry", {STUDENTS})
for job in Job.objects.claim(["remind"], "test", 10):
    run(job)
"""
NOTICES = "SELECT count(*) FROM mail_notice WHERE kind = 'reminders'"
MAILS_ARE_DUE = "UPDATE jobs_job SET due_at = '2000-01-01' WHERE kind = 'class_notices'"  # a minute or a lease is over
UNSENT_AND_CLAIMED = "SELECT count(*), count(claim) FROM jobs_job WHERE kind = 'class_notices' AND done_at IS NULL"


@pytest.fixture(params=["postgresql", "sqlite"])
def site(request, tmp_path, provision, settings):
    """A site of its own, and `ask(statement)`, which returns the first row."""
    mail = {"TUTORARC_EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}?from=school@example.org"}
    if request.param == "sqlite":
        path = tmp_path / "live.sqlite3"
        yield Site(provision(tmp_path, **mail).environment, lambda: sqlite3.connect(path, timeout=30))
        return
    with postgres() as server:
        yield Site(provision(tmp_path, server.url, **mail).environment, lambda: psycopg.connect(server.url))


class Site:
    def __init__(self, environment, connect):
        self.environment, self.connect = environment, connect

    def ask(self, statement):
        with closing(self.connect()) as connection, connection:
            cursor = connection.execute(statement)
            return cursor.description and cursor.fetchone()

    def python(self, *arguments):
        return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=self.environment)  # noqa: S603


def test_after_kill_9_of_its_worker_another_one_sends_the_other_reminders(mail_server, site, monkeypatch):
    """Only the mail that the server had just accepted is sent again, with its Message-ID: mailboxes show it once."""

    async def accept_and_kill(server, session, envelope):
        mail_server.received.append(envelope)
        if len(mail_server.received) == KILLED_AT:
            worker.kill()
            worker.wait()
        return "250 OK"

    monkeypatch.setattr(mail_server, "handle_DATA", accept_and_kill)
    assert site.python("-c", FIRST_LESSONS).wait() == 0
    worker = site.python("manage.py", "work")
    try:
        while site.ask(NOTICES)[0] < len(TO_TELL):
            assert worker.poll() is None
            time.sleep(0.05)
        site.ask(MAILS_ARE_DUE)
        assert worker.wait(timeout=60) == -SIGKILL
    finally:
        worker.kill()
        worker.wait()
    assert len(mail_server.received) == KILLED_AT
    assert site.ask(UNSENT_AND_CLAIMED) == (len(PEOPLE) - KILLED_AT + 1, 1)
    assert site.python("-c", LATER_LESSON).wait() == 0
    site.ask(MAILS_ARE_DUE)
    assert site.python("manage.py", "work", "--once").wait() == 0
    assert site.ask(UNSENT_AND_CLAIMED) == (0, 0)
    mails = [email.message_from_bytes(envelope.content, policy=policy) for envelope in mail_server.received]
    accepted = mails[KILLED_AT - 1]
    by_id = defaultdict(list)
    for mail in mails:
        by_id[mail["Message-ID"]].append((mail["To"], mail["Subject"], text_of(mail)))
    repeated = {number: same for number, same in by_id.items() if len(same) > 1}
    assert repeated == {accepted["Message-ID"]: [(accepted["To"], accepted["Subject"], text_of(accepted))] * 2}
    told = Counter((to, title) for [(to, _, text), *_] in by_id.values() for title in TITLES if is_told(text, title))
    assert told == Counter([*TO_TELL, *((address, "Chemistry") for address in PEOPLE)])


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def is_told(text, title):
    """Whether it names this lesson, which has the title of its class."""
    return f"- {title} ({title}): " in text
