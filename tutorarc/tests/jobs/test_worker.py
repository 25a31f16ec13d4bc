"""The worker's loop: what it calls in each turn, and which jobs it does."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from tutorarc.jobs import registry
from tutorarc.jobs.consumers import consume_events
from tutorarc.jobs.health import is_worker_missing
from tutorarc.jobs.models import Job, Worker
from tutorarc.jobs.pool import Pool
from tutorarc.jobs.turns import Turns, worker_name
from tutorarc.jobs.worker import Loop

MINUTE = timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_once_does_what_is_due_and_ends(done):
    Job.objects.enqueue_all("note", [{"number": number} for number in range(10)])
    Job.objects.enqueue("note", {"number": 10}, due_at=timezone.now() + MINUTE)
    call_command("work", "--once")
    assert sorted(payload["number"] for payload in done) == list(range(10))
    assert Job.objects.filter(done_at__isnull=False, worker=worker_name()).count() == 10


@pytest.mark.parametrize("when", ["the turn that took it", "a later turn"])
@pytest.mark.django_db(transaction=True)
def test_once_goes_on_if_a_job_ends_in_the_middle_of_a_turn(kinds, monkeypatch, when):
    may_end, take = threading.Event(), Pool.take_jobs
    registry.job("slow", threads=1)(lambda payload: may_end.wait(10))

    def take_and_let_end(pool, worker):
        is_later = not pool.is_idle
        number = take(pool, worker)
        if is_later or when == "the turn that took it":
            may_end.set()
            while not pool.is_idle:
                time.sleep(0.01)
        return number

    monkeypatch.setattr(Pool, "take_jobs", take_and_let_end)
    Job.objects.enqueue_all("slow", [{}] * 2)
    Loop(threads=1).run(once=True)
    assert Job.objects.open().count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_a_job_adds_is_done_too(done, kinds):
    registry.job("first")(lambda payload: Job.objects.enqueue("note", {"number": 1}))
    Job.objects.enqueue("first", {})
    call_command("work", "--once")
    assert done == [{"number": 1}]


@pytest.mark.django_db(transaction=True)
def test_slow_jobs_of_a_pool_of_their_own_delay_no_others(done, kinds):
    others_are_done = threading.Event()
    registry.job("slow", threads=2)(lambda payload: others_are_done.wait(10))
    registry.job("last")(lambda payload: others_are_done.set())
    Job.objects.enqueue_all("slow", [{}] * 5)
    Job.objects.enqueue_all("note", [{"number": number} for number in range(5)])
    Job.objects.enqueue("last", {})
    Loop(threads=1).run(once=True)
    assert (len(done), others_are_done.is_set(), Job.objects.open().count()) == (5, True, 0)


@pytest.mark.django_db(transaction=True)
def test_stop_waits_for_the_jobs_in_hand_and_takes_no_more(done, kinds):
    def stop(payload):
        loop.stop()
        done.append(payload)

    registry.job("stop")(stop)
    loop = Loop(threads=1)
    Job.objects.enqueue("stop", {"number": 1})
    Job.objects.enqueue("note", {"number": 2})
    loop.run()
    assert (done, Job.objects.open().count()) == ([{"number": 1}], 1)


@pytest.mark.django_db(transaction=True)
def test_a_worker_ends_with_its_parent(done):
    Job.objects.enqueue("note", {})
    Loop(parent=os.getppid() + 1).run()
    assert done == []


@pytest.mark.django_db(transaction=True)
def test_an_outage_ends_no_worker(done, kinds, monkeypatch, caplog):
    monkeypatch.setattr("tutorarc.jobs.worker.OUTAGE_PAUSE_SECONDS", 0)
    outages = [OperationalError("gone")]

    @registry.each_turn
    def away():
        if outages:
            raise outages.pop()
        loop.stop()

    monkeypatch.setattr("tutorarc.jobs.turns.LONGEST_PAUSE_SECONDS", 0)
    loop = Loop()
    loop.run()
    assert "The database is away: gone" in caplog.messages


def test_each_part_of_a_turn_is_called_though_another_fails(db, kinds, caplog, monkeypatch):
    called = []

    @registry.each_turn
    def broken():
        called.append("broken")
        raise ValueError("broken")

    @registry.each_turn
    def busy():
        called.append("busy")
        return True

    turns = Turns("one")
    assert [turns.take(), turns.take()] == [True, True]
    assert called == ["broken", "busy", "busy"]  # what failed pauses
    assert "A part of the worker's turn failed." in caplog.messages


def test_a_turn_adds_the_periodic_jobs_that_are_missing(half_past_nine, db, kinds):
    registry.periodic("sweep", every=MINUTE)(lambda payload: None)
    for _ in range(2):
        Turns("one").take()
    assert list(Job.objects.values_list("kind", "due_at", "again")) == [("sweep", timezone.now(), True)]


def test_a_worker_is_seen_every_ten_seconds(half_past_nine, db, kinds, time_machine, django_assert_num_queries):
    turns = Turns("one")
    turns.take()
    with django_assert_num_queries(0):
        turns.take()
    time_machine.shift(timedelta(seconds=10))
    turns._next_beat = 0
    turns.take()
    worker = Worker.objects.get()
    assert (worker.name, worker.seen_at - worker.started_at) == ("one", timedelta(seconds=10))


def test_a_worker_is_missing_if_work_is_due_and_none_was_seen_for_a_minute(half_past_nine, done, time_machine):
    Worker.objects.beat("one")
    Job.objects.enqueue("note", {})
    time_machine.shift(MINUTE - timedelta(seconds=1))
    assert is_worker_missing() is False
    time_machine.shift(timedelta(seconds=1))
    assert is_worker_missing() is True
    Worker.objects.beat("two")
    assert is_worker_missing() is False


def test_without_work_no_worker_is_missing(db, kinds):
    assert is_worker_missing() is False


def test_an_event_that_no_consumer_got_is_work(db, kinds, make_event):
    make_event()
    assert is_worker_missing() is True
    consume_events()
    assert is_worker_missing() is False
