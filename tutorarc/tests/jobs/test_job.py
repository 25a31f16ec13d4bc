"""Jobs are added, claimed, done, tried again and given up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tutorarc.jobs import registry
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import GiveUp, RetryLater
from tutorarc.jobs.run import run

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def state(job):
    return Job.objects.filter(pk=job.pk).values("attempts", "done_at", "failed_at", "last_error").get()


def due_in(job):
    return (Job.objects.get(pk=job.pk).due_at - timezone.now()).total_seconds()


def test_a_job_is_done_once(half_past_nine, done, claim):
    Job.objects.enqueue("note", {"number": 1})
    run(claim())
    assert (done, claim()) == ([{"number": 1}], None)
    assert state(Job.objects.get()) == {
        "attempts": 1,
        "done_at": timezone.now(),
        "failed_at": None,
        "last_error": "",
    }


def test_a_job_of_a_transaction_that_is_rolled_back_is_gone(done):
    with transaction.atomic():
        Job.objects.enqueue("note", {})
        transaction.set_rollback(True)
    assert Job.objects.count() == 0


def test_a_job_waits_until_it_is_due(half_past_nine, done, claim, time_machine):
    Job.objects.enqueue("note", {}, due_at=timezone.now() + MINUTE)
    time_machine.shift(MINUTE - SECOND)
    assert claim() is None
    time_machine.shift(SECOND)
    assert claim() is not None


def test_those_that_are_due_longest_come_first(half_past_nine, done):
    for number in (1, 3, 2):
        Job.objects.enqueue("note", {"number": number}, due_at=timezone.now() - number * SECOND)
    claimed = Job.objects.claim(["note"], "one", 2) + Job.objects.claim(["note"], "one", 2)
    assert [job.payload["number"] for job in claimed] == [3, 2, 1]


def test_the_kind_that_waits_longest_comes_first(half_past_nine, done, kinds):
    for kind in ("one", "two"):
        registry.job(kind)(lambda payload: None)
    for kind, seconds in (("note", 1), ("two", 3), ("one", 2)):
        Job.objects.enqueue_all(kind, [{}, {}], due_at=timezone.now() - seconds * SECOND)
    claimed = [job.kind for _ in range(2) for job in Job.objects.claim(["note", "one", "two"], "one", 3)]
    assert claimed == ["two", "two", "one", "one", "note", "note"]


def test_a_claim_reads_no_jobs_of_other_kinds(done, kinds):
    """100,000 mails that wait would slow down all other work."""
    registry.job("other")(lambda payload: None)
    Job.objects.enqueue_all("note", [{} for _ in range(3)])
    Job.objects.enqueue_all("other", [{} for _ in range(300)])
    with CaptureQueriesContext(connection) as queries:
        assert len(Job.objects.claim(["note", "other"], "one", 2)) == 2
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
    assert [indexes_used(sql) for sql in reads] == [{"open_jobs_of_a_kind"}] * 3


def indexes_used(sql):
    """The indexes in the plan of a statement."""
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"{explain} {sql}")
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    return {word for word in plan.split() if word.startswith(("open_jobs", "jobs_job_pkey"))}


def test_an_unknown_kind_is_refused_and_left_to_newer_workers(done, claim):
    with pytest.raises(KeyError):
        Job.objects.enqueue("nothing", {})
    Job.objects.create(kind="of a newer version", due_at=timezone.now())
    assert claim() is None


def test_while_nothing_is_due_a_worker_only_reads(done, claim, django_assert_num_queries):
    with CaptureQueriesContext(connection) as queries:
        assert claim() is None
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]


def test_many_are_added_with_one_statement(done, django_assert_num_queries):
    with CaptureQueriesContext(connection) as queries:
        Job.objects.enqueue_all("note", [{"number": number} for number in range(50)])
    assert len([query for query in queries if "INSERT" in query["sql"]]) == 1
    assert Job.objects.count() == 50


# A lost worker


def test_a_job_whose_worker_is_lost_comes_due_again(half_past_nine, done, claim, time_machine):
    Job.objects.enqueue("note", {})
    lost = claim("one")
    time_machine.shift(MINUTE - SECOND)
    assert claim("two") is None
    time_machine.shift(SECOND)
    other = claim("two")
    assert (other.pk, other.attempts) == (lost.pk, 2)


def test_a_lease_may_be_longer(half_past_nine, kinds, db, claim, time_machine):
    registry.job("import", lease=timedelta(hours=1))(lambda payload: None)
    Job.objects.enqueue("import", {})
    claim()
    time_machine.shift(timedelta(minutes=59))
    assert claim() is None


@pytest.mark.parametrize("other_has_finished", [False, True])
def test_a_worker_that_lost_its_claim_changes_nothing(
    half_past_nine, done, claim, time_machine, other_has_finished, caplog
):
    Job.objects.enqueue("note", {})
    slow = claim("one")
    time_machine.shift(MINUTE)
    other = claim("two")
    if other_has_finished:
        run(other)
    before = Job.objects.values().get()
    assert (slow.finish(), slow.record_failure(ValueError("late"))) == (False, False)
    assert Job.objects.values().get() == before
    run(slow)
    assert "The lease of a job ended before the job." in caplog.messages


def test_a_job_that_ends_its_workers_is_given_up(half_past_nine, done, claim, time_machine):
    Job.objects.enqueue("note", {})
    for _ in range(3 + 5):
        claim()
        time_machine.shift(MINUTE)
    run(job := claim())
    assert done == []
    assert state(job)["last_error"] == "Its worker ended 8 times while it did this."
    assert state(job)["failed_at"] == timezone.now()


# Failures


def test_a_failed_attempt_is_repeated_later_each_time(half_past_nine, fail, claim, time_machine):
    fail.append(ValueError("no connection"))
    Job.objects.enqueue("break", {})
    run(job := claim())
    assert state(job) == {
        "attempts": 1,
        "done_at": None,
        "failed_at": None,
        "last_error": "ValueError: no connection",
    }
    assert 10 <= due_in(job) <= 11
    time_machine.shift(timedelta(seconds=11))
    run(claim())
    assert 60 <= due_in(job) <= 66


def test_after_its_last_attempt_a_job_has_failed(half_past_nine, fail, claim, time_machine):
    fail.append(ValueError("no connection"))
    Job.objects.enqueue("break", {})
    for _ in range(3):
        run(job := claim())
        time_machine.shift(timedelta(seconds=66))
    assert claim() is None
    assert state(job) == {
        "attempts": 3,
        "done_at": None,
        "failed_at": timezone.now() - timedelta(seconds=66),
        "last_error": "ValueError: no connection",
    }


def test_the_work_may_say_when_to_try_again_or_that_it_is_in_vain(half_past_nine, fail, claim):
    Job.objects.enqueue("break", {})
    fail.append(RetryLater("Busy.", 90))
    run(job := claim())
    assert (due_in(job), state(job)["last_error"]) == (90, "Busy.")
    Job.objects.enqueue("break", {})
    fail.append(GiveUp("Gone."))
    run(job := claim())
    assert (state(job)["failed_at"], state(job)["last_error"]) == (timezone.now(), "Gone.")


def test_its_kind_is_told_of_a_job_that_failed_for_good_unless_it_was_asked_for_again(half_past_nine, db, kinds, claim):
    told = []

    @registry.job("fall", retries=(0,), on_failure=told.append)
    def fall(payload):
        if payload["again"] and Job.objects.get().attempts == 2:
            Job.objects.enqueue("fall", payload, key="fall")
        raise ValueError

    def tried(again):
        Job.objects.all().delete()
        Job.objects.enqueue("fall", {"again": again}, key="fall")
        for _ in range(2):
            assert told == []
            run(claim())

    tried(again=True)
    assert told == []
    tried(again=False)
    assert told == [{"again": False}]


def test_a_reason_holds_no_secret(half_past_nine, fail, claim):
    key = "ta_live_abcdefghijklmnopqrstuvwxyz234567abcdefgh"
    fail.append(GiveUp(f"The key {key} is unknown."))
    Job.objects.enqueue("break", {})
    run(job := claim())
    assert state(job)["last_error"] == "The key ta_live_abcd... is unknown."


def test_a_failed_job_is_tried_again_by_hand_with_all_attempts(half_past_nine, fail, done, claim):
    fail.append(GiveUp("Gone."))
    Job.objects.enqueue("break", {})
    run(job := claim())
    job.try_again()
    again = claim()
    assert (again.pk, again.attempts, state(job)["failed_at"]) == (job.pk, 1, None)


def test_trying_again_changes_only_failed_jobs(half_past_nine, done, claim):
    Job.objects.enqueue("note", {}, due_at=timezone.now() + MINUTE)
    waiting = Job.objects.get()
    waiting.try_again()
    assert claim() is None


# Keys


def test_there_is_one_open_job_of_a_key(half_past_nine, done, claim):
    for number in range(2):
        Job.objects.enqueue("note", {"number": number}, key="bundle")
    run(claim())
    assert (done, claim()) == ([{"number": 0}], None)
    Job.objects.enqueue("note", {"number": 2}, key="bundle")
    run(claim())
    assert done == [{"number": 0}, {"number": 2}]


def test_a_job_that_is_asked_for_while_it_is_done_is_done_once_more(half_past_nine, done, claim):
    Job.objects.enqueue("note", {}, key="bundle")
    job = claim()
    Job.objects.enqueue("note", {}, key="bundle")
    assert claim() is None
    run(job)
    run(claim())
    assert (len(done), claim()) == (2, None)


def test_a_failed_job_does_not_keep_its_key(half_past_nine, fail, claim):
    fail.append(GiveUp("Gone."))
    for _ in range(2):
        Job.objects.enqueue("break", {}, key="bundle")
        run(claim())
    assert Job.objects.failed().count() == 2


# Periodic jobs


def test_a_periodic_job_adds_the_next_one(half_past_nine, kinds, db, claim):
    registry.periodic("sweep", every=timedelta(hours=1))(lambda payload: None)
    Job.objects.enqueue_periodic(kinds["sweep"], timezone.now())
    run(claim())
    [following] = Job.objects.open()
    assert (following.kind, due_in(following)) == ("sweep", 3600)


def test_a_periodic_job_that_failed_adds_the_next_one_too(half_past_nine, kinds, db, claim):
    def sweep(payload):
        raise GiveUp("No broom.")

    registry.periodic("sweep", every=timedelta(hours=1))(sweep)
    Job.objects.enqueue_periodic(kinds["sweep"], timezone.now())
    run(claim())
    assert (Job.objects.failed().count(), due_in(Job.objects.open().get())) == (1, 3600)


def test_two_functions_of_one_kind_are_refused(done):
    with pytest.raises(ValueError, match="Two functions are registered for jobs of the kind note"):
        registry.job("note")(print)


def test_done_and_failed_jobs_expire(half_past_nine, done, time_machine):
    now = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
    day = timedelta(days=1)
    for days in (6, 7):
        Job.objects.create(kind="note", due_at=now, done_at=now - days * day)
    for days in (89, 90):
        Job.objects.create(kind="note", due_at=now, failed_at=now - days * day)
    Job.objects.create(kind="note", due_at=now - 365 * day)
    expired = Job.objects.expired().order_by("pk")
    assert [(job.done_at or job.failed_at) for job in expired] == [now - 7 * day, now - 90 * day]


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_the_same_time_get_different_jobs(done, run_together):
    Job.objects.enqueue_all("note", [{"number": number} for number in range(20)])

    def claim_all():
        mine = []
        while jobs := Job.objects.claim(["note"], "one", 3):
            mine += [job.pk for job in jobs]
        return mine

    claimed = [pk for mine in run_together([claim_all] * 3) for pk in mine]
    assert sorted(claimed) == sorted(Job.objects.values_list("pk", flat=True))
