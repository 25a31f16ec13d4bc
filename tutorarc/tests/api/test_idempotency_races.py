"""Concurrent duplicates, and attempts that fail halfway."""

import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from itertools import count

import pytest
from django.conf import settings
from django.db import connection

from apikeys.models import ApiKey
from sessions.models import LiveSession
from sessions.querysets import LiveSessionQuerySet
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import SYSTEM
from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.testing.client import Client, conflict, verdict

pytestmark = pytest.mark.django_db(transaction=True)

KEY = {"Idempotency-Key": "one-key"}
REPEATED = pytest.mark.parametrize("attempt", range(3))


def post_with_key(client, body=SESSION_BODY):
    return client.post("/classes", body, headers=KEY)


def is_replay(response):
    return response.headers.get("Idempotency-Replayed") == "true"


def test_only_one_of_24_duplicates_is_executed_and_all_get_its_response(run_together, api, alice):
    client = api(alice)
    answers = run_together([lambda: post_with_key(client)] * 24)
    assert Counter((answer.status_code, is_replay(answer)) for answer in answers) == {(200, False): 1, (200, True): 23}
    assert {answer.json()["data"]["sessionId"] for answer in answers} == {LiveSession.objects.get().pk}
    assert len({answer.content for answer in answers}) == 1


@REPEATED
def test_only_one_of_two_requests_with_one_key_is_executed(attempt, run_together, api, alice):
    client = api(alice)
    bodies = [SESSION_BODY, {**SESSION_BODY, "title": "Another"}]
    answers = run_together([lambda body=body: post_with_key(client, body) for body in bodies])
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200, 409]
    assert LiveSession.objects.get().title == bodies[statuses.index(200)]["title"]


def test_requests_of_different_people_do_not_wait_for_each_other(run_together, api, alice, dora):
    clients = [api(person) for person in (alice, dora)] * 4
    answers = run_together([lambda client=client: post_with_key(client) for client in clients])
    assert [answer.status_code for answer in answers] == [200] * 8
    assert sorted(LiveSession.objects.values_list("created_by", flat=True)) == sorted([alice.pk, dora.pk])


@REPEATED
def test_duplicates_with_an_expired_key_are_done_once(attempt, run_together, api, alice):
    client = api(alice)
    old = post_with_key(client)
    reply = IdempotentReply.objects.get()
    IdempotentReply.objects.update(created_at=reply.created_at - timedelta(hours=24))
    answers = run_together([lambda: post_with_key(client)] * 8)
    assert Counter((answer.status_code, is_replay(answer)) for answer in answers) == {(200, False): 1, (200, True): 7}
    assert len({old.content, *(answer.content for answer in answers)}) == 2
    assert LiveSession.objects.count() == 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="has one lock for all: who waits too long for it is told 503")
def test_a_duplicate_that_waits_too_long_gets_request_in_progress(api, alice, monkeypatch):
    client, impatient = api(alice), api(alice)
    answers = []

    def meanwhile(reply, *args):
        with ThreadPoolExecutor() as other:
            answers.append(other.submit(hurried).result())
        return store(reply, *args)

    def hurried():
        with closing(connection):
            connection.cursor().execute("SET lock_timeout = '100ms'")
            return post_with_key(impatient)

    store = IdempotentReply.store
    monkeypatch.setattr(IdempotentReply, "store", meanwhile)
    assert post_with_key(client).status_code == 200
    assert [verdict(answer) for answer in answers] == [conflict("request_in_progress")]
    assert LiveSession.objects.count() == 1


def test_when_the_first_request_fails_a_duplicate_does_the_work(run_together, api, alice, monkeypatch):
    client, attempts, schedule = api(alice), count(), LiveSessionQuerySet.schedule

    def fail_at_first(*args, **fields):
        made = schedule(*args, **fields)
        if next(attempts) == 0:
            raise RuntimeError("boom")
        return made

    monkeypatch.setattr(LiveSessionQuerySet, "schedule", fail_at_first)
    answers = run_together([lambda: post_with_key(client)] * 8)
    outcomes = Counter((answer.status_code, is_replay(answer)) for answer in answers)
    assert outcomes == {(500, False): 1, (200, False): 1, (200, True): 6}
    assert LiveSession.objects.count() == 1


KILLED_BEFORE_THE_COMMIT = """
import os, signal, sys
import django
from django.conf import settings

settings.DATABASES["default"]["NAME"] = sys.argv[1]
django.setup()

from django.test.utils import setup_test_environment
from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.testing.client import Client


def die(reply, *args):
    if IdempotentReply.objects.count() == LiveSession.objects.count() == 1:
        os.kill(os.getpid(), signal.SIGKILL)


IdempotentReply.store = die
setup_test_environment()
Client(headers={"X-API-Key": sys.stdin.read()}).post("/classes", SESSION_BODY, headers={"Idempotency-Key": "one-key"})
"""


def test_a_killed_process_leaves_no_stored_reply_and_its_key_can_be_used(alice):
    _, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    killed = subprocess.run(  # noqa: S603
        [sys.executable, "-c", KILLED_BEFORE_THE_COMMIT, str(connection.settings_dict["NAME"])],
        input=plaintext,
        text=True,
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tutorarc.settings"},
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    again = post_with_key(Client(headers={"X-API-Key": plaintext}))
    assert (again.status_code, is_replay(again)) == (200, False)
    assert (LiveSession.objects.count(), IdempotentReply.objects.get().status) == (1, 200)
