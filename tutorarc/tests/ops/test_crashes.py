"""SIGKILL during many writes loses no acknowledged write and leaves no partial one. SIGTERM lets requests finish."""

import json
import subprocess
import sys
import threading
import time
import uuid
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from itertools import cycle

import psutil
import psycopg
import pytest

from tutorarc.db.ids import to_text
from tutorarc.ops.server_process import THREADS
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import ROOT, serve

SHARE = ("--workers", "2", "--blocking-threads", str(THREADS))
OPTIONS = (*SHARE, "--respawn-failed-workers", "--workers-kill-timeout", "10")
WRITERS = 4
ENOUGH = 20  # acknowledged writes before the kill, and as many after it
CROWD = """
import django
django.setup()
from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User
klass = Class.objects.create_with_teacher(Actor(User.objects.get(email="teacher@example.org")), title="Crowded")
print(klass.pk)
for student in User.objects.create_many([User(email=f"s{n}@example.org", display_name=f"S {n}") for n in range(200)]):
    Membership.objects.request(klass, klass.class_code, Actor(student))
    print(student.pk)
"""
HALF_DONE = {
    "a class without its teacher": """SELECT count(*) FROM classes_class c WHERE NOT EXISTS (SELECT FROM
        members_membership m WHERE m.class_id = c.id AND m.role = 'TEACHER' AND m.status = 'APPROVED')""",
    "a class without its event": """SELECT count(*) FROM classes_class c WHERE 1 <> (SELECT count(*) FROM
        tutorarc_event e WHERE e.object_id = c.id)""",
    "an approval without its event, or an event without its approval": """SELECT count(*) FROM members_membership m
        WHERE m.role = 'STUDENT' AND (m.status = 'APPROVED')::int <> (SELECT count(*) FROM
        tutorarc_event e WHERE (e.class_id, e.user_id, e.type) = (m.class_id, m.user_id, 'membership.approved'))""",
    "an idempotency key that is stuck": "SELECT count(*) FROM tutorarc_idempotentreply WHERE status IS NULL",
    "a write that was done twice": """SELECT count(*) FROM (SELECT FROM classes_class GROUP BY title
        HAVING count(*) > 1) AS twice""",
}


class Writers:
    """Writers who create a class and approve a student in turn, and remember which calls were acknowledged.

    Every other pair has an Idempotency-Key. It puts a transaction around the call, which the other pairs do without.
    """

    def __init__(self, site, klass, students):
        self.site, self.klass, self.students = site, klass, students
        self.acknowledged, self.open = [], []
        self.is_running = threading.Event()

    @contextmanager
    def run(self):
        self.is_running.set()
        writers = [threading.Thread(target=self._write) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            yield
        finally:
            self.is_running.clear()
            for writer in writers:
                writer.join()

    def wait_for_more(self):
        """Wait until so many more writes are acknowledged. Raises RuntimeError after 30 seconds."""
        goal = len(self.acknowledged) + ENOUGH
        for _ in range(3000):
            if len(self.acknowledged) >= goal:
                return
            time.sleep(0.01)
        raise RuntimeError("No more writes are acknowledged.")

    def _write(self):
        for is_repeatable in cycle([True, False]):
            if not self.is_running.is_set():
                return
            calls = [("/api/v1/classes", {"title": uuid.uuid4().hex})]
            if self.students:
                calls.append((f"/api/v1/classes/{self.klass}/members/approve", {"user_ids": [self.students.pop()]}))
            for path, body in calls:
                call = (path, body, uuid.uuid4().hex if is_repeatable else None)
                (self.acknowledged if self.post(*call) in (200, 201) else self.open).append(call)

    def post(self, path, body, key):
        connection = HTTPConnection("127.0.0.1", self.site.port, timeout=30)
        headers = {"X-API-Key": self.site.keys["TEACHER"], "Content-Type": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        try:
            connection.request("POST", path, json.dumps(body), headers)
            status = connection.getresponse().status
            if status == 503:
                time.sleep(0.1)
            return status
        except ConnectionRefusedError:
            time.sleep(0.02)
            return "refused"
        except (OSError, HTTPException):
            return "cut off"
        finally:
            connection.close()


@pytest.fixture(scope="module")
def database():
    with postgres() as server:
        yield server


@pytest.fixture
def server_site(database, tmp_path, provision):
    database.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
    return provision(tmp_path, database.url)


@pytest.fixture
def writers(server_site):
    command = [sys.executable, "-c", CROWD]
    made = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=server_site.environment, check=True, stdout=subprocess.PIPE, text=True
    )
    klass, *students = made.stdout.split()
    return Writers(server_site, klass, students)


def kill_server(database, server):
    processes = [psutil.Process(server.process.pid), *psutil.Process(server.process.pid).children(recursive=True)]
    for process in processes:
        process.kill()
    server.process.wait()


def kill_worker(database, server):
    """Granian can't be stopped until it has noticed and started another worker, which takes seconds."""
    main = psutil.Process(server.process.pid)
    before = alive(main)
    psutil.Process(min(before)).kill()
    for _ in range(3000):
        if alive(main) - before:
            return
        time.sleep(0.01)
    raise RuntimeError("No worker takes the place of the one that was killed.")


def alive(main):
    """The pids of the workers. A dead one may disappear during the call."""
    pids = set()
    for worker in main.children():
        with suppress(psutil.NoSuchProcess):
            if worker.status() != psutil.STATUS_ZOMBIE:
                pids.add(worker.pid)
    return pids


def kill_database(database, server):
    database.kill()
    database.start()


def lost(database, writers):
    """The acknowledged writes that are missing."""
    with psycopg.connect(database.url) as connection:
        titles = {title for (title,) in connection.execute("SELECT title FROM classes_class")}
        people = connection.execute("SELECT user_id FROM members_membership WHERE status = 'APPROVED'")
        there = titles | {to_text("usr", person) for (person,) in people}
    acknowledged = [body.get("title") or body["user_ids"][0] for _, body, _ in writers.acknowledged]
    return [name for name in acknowledged if name not in there]


def half_done(database):
    with psycopg.connect(database.url) as connection:
        found = {name: connection.execute(count).fetchone()[0] for name, count in HALF_DONE.items()}
    return {name: number for name, number in found.items() if number}


@pytest.mark.parametrize("kill", [kill_server, kill_worker, kill_database])
def test_a_kill_loses_no_acknowledged_write_and_leaves_no_partial_one(database, server_site, writers, kill):
    with ExitStack() as running:
        server = running.enter_context(serve(server_site, *OPTIONS))
        with writers.run():
            writers.wait_for_more()
            kill(database, server)
            if kill is kill_server:
                running.enter_context(serve(server_site, *OPTIONS))
            writers.wait_for_more()
        assert (lost(database, writers), half_done(database)) == ([], {})
        # An approval that was acknowledged is replayed, and one that was not is done now: both once.
        repeatable = [call for call in writers.acknowledged + writers.open if call[-1]]
        assert {writers.post(*call) for call in repeatable} == {200, 201}
        assert (lost(database, writers), half_done(database)) == ([], {})


def test_on_sigterm_the_server_finishes_running_requests(database, server_site, writers):
    answers = []
    with serve(server_site, *OPTIONS) as server:
        with psycopg.connect(database.url) as other:
            other.execute("LOCK TABLE classes_class IN EXCLUSIVE MODE")
            waiting = [
                threading.Thread(target=lambda: answers.append(writers.post("/api/v1/classes", {"title": "A"}, "a"))),
                threading.Thread(target=lambda: answers.append(writers.post("/api/v1/classes", {"title": "B"}, "b"))),
            ]
            for thread in waiting:
                thread.start()
            stands = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            with psycopg.connect(database.url, autocommit=True) as watching:
                while watching.execute(stands).fetchone()[0] < 2:
                    time.sleep(0.01)
            server.process.terminate()
            other.rollback()
        for thread in waiting:
            thread.join()
        assert (answers, server.process.wait(timeout=30)) == ([201, 201], 0)


def test_on_sigterm_a_worker_that_is_still_loading_does_not_start_to_serve(server_site):
    """It would be killed later, with its requests. Of several workers, most still load when the first answers."""
    with serve(server_site, "--workers", "4", "--workers-kill-timeout", "10") as server:
        server.process.terminate()
        assert server.process.wait(timeout=30) == 0
    _, afterwards = (server_site.directory / "log").read_text().split("Shutting down granian")
    assert "Started worker" not in afterwards
