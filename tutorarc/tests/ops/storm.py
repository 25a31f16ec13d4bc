"""A storm: after kills during many writes, each acknowledged change has one event, and webhooks got it in order.

It takes minutes, so the test suite leaves it out. Run it by `python -m pytest tutorarc/tests/ops/storm.py -s`, with
`STORM_SECONDS=10` for a short one.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from tutorarc.db.ids import to_text
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import ROOT, serve
from tutorarc.tests.ops.test_crashes import CROWD, OPTIONS, Writers, kill_database, kill_server
from tutorarc.tests.webhooks.receiver import Receiver

SECONDS = int(os.environ.get("STORM_SECONDS", "60"))
PATIENCE = 100  # seconds without a delivery, longer than what a killed worker had in hand stays with it
SUBSCRIBE = """
import sys
import django
django.setup()
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.webhooks.models import Endpoint
teacher = User.objects.get(email="teacher@example.org")
Endpoint.objects.register(teacher, Actor(teacher), url=sys.argv[1])
Endpoint.objects.register(teacher, Actor(teacher), url=sys.argv[2], class_id=sys.argv[3])
"""


@pytest.fixture
def database():
    with postgres() as server:
        yield server


@pytest.fixture
def server_site(database, tmp_path, provision):
    return provision(tmp_path, database.url, TUTORARC_WEBHOOK_NETWORKS="127.0.0.0/8")


@pytest.fixture
def receivers():
    """One for all that the teacher's classes tell, one for the crowded class."""
    both = Receiver(), Receiver()
    yield both
    for receiver in both:
        receiver.close()


def python(site, program, *arguments):
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=site.environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.split()


@contextmanager
def working(site):
    with (site.directory / "worker.log").open("ab") as log:
        command = [sys.executable, "manage.py", "work"]
        process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def storm(database, site, writers, pause):
    """The server, and a worker, after each of them and the database were killed once while writers write.

    `pause()` is before and after each kill.
    """
    with ExitStack() as running:
        server = running.enter_context(serve(site, *OPTIONS))
        worker = running.enter_context(working(site))
        with writers.run():
            pause()
            kill_server(database, server)
            server = running.enter_context(serve(site, *OPTIONS))
            pause()
            worker.kill()
            running.enter_context(working(site))
            pause()
            kill_database(database, server)
            pause()
        yield server


def changes_without_their_event(database, writers):
    """The acknowledged changes that have no event or several, and all changes that have several."""
    with psycopg.connect(database.url) as connection:
        classes = connection.execute("SELECT data->>'title' FROM tutorarc_event WHERE type = 'class.created'")
        approvals = connection.execute("SELECT user_id FROM tutorarc_event WHERE type = 'membership.approved'")
        told = Counter([title for (title,) in classes] + [to_text("usr", person) for (person,) in approvals])
    acknowledged = [body.get("title") or body["user_ids"][0] for _, body, _ in writers.acknowledged]
    return [name for name in acknowledged if not told[name]] + [name for name, count in told.items() if count > 1]


def followed(server):
    """All events of the teacher's feed, by following `next`."""
    events, link = [], "/api/v1/events?page_size=100"
    while True:
        _, body = server.request("GET", link, headers={"X-API-Key": server.key})
        page = json.loads(body)
        events += page["results"]
        if page["next"].endswith(link):
            return events
        link = page["next"][page["next"].index("/api/") :]


def by_class(events):
    """The ids of these events, each once, by class and in order."""
    found = defaultdict(dict)
    for event in events:
        found[event["class_id"]][event["id"]] = True
    return {class_id: list(ids) for class_id, ids in found.items()}


def received(receiver):
    return by_class(json.loads(one.body) for one in list(receiver.received))


def wait_until_complete(receivers, expected):
    """Wait as long as deliveries arrive and some are missing."""
    count, end = 0, time.monotonic() + PATIENCE
    while [received(receiver) for receiver in receivers] != expected and time.monotonic() < end:
        if (now := sum(len(receiver.received) for receiver in receivers)) > count:
            count, end = now, time.monotonic() + PATIENCE
        time.sleep(0.5)


@pytest.fixture
def writers(server_site, receivers):
    klass, *students = python(server_site, CROWD)
    python(server_site, SUBSCRIBE, *(receiver.url for receiver in receivers), klass)
    return Writers(server_site, klass, students)


def test_after_kills_every_change_has_one_event_and_webhooks_got_it_in_order(database, server_site, writers, receivers):
    with storm(database, server_site, writers, lambda: time.sleep(SECONDS / 4)) as server:
        assert changes_without_their_event(database, writers) == []
        events = followed(server)
        with psycopg.connect(database.url) as connection:
            every = connection.execute("SELECT id FROM tutorarc_event WHERE class_id IS NOT NULL ORDER BY position")
            assert [event["id"] for event in events] == [to_text("evt", pk) for (pk,) in every]
        feed = by_class(events)
        expected = [feed, {writers.klass: feed[writers.klass]}]
        began = time.monotonic()
        wait_until_complete(receivers, expected)
        print(  # noqa: T201
            f"{len(writers.acknowledged)} acknowledged writes, {len(writers.open)} refused or cut off; "
            f"{len(events)} events; {sum(len(receiver.received) for receiver in receivers)} deliveries, "
            f"the last {time.monotonic() - began:.0f} s after the storm"
        )
        assert [received(receiver) for receiver in receivers] == expected
