"""Celery workers do the same jobs, through a real Redis: none is lost with it."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

import tutorarc
from tutorarc.jobs.models import Job
from tutorarc.testing.redis import REDIS, Redis
from tutorarc.testing.server import ROOT
from tutorarc.tests.jobs.real_workers import THREADS

JOBS = 150
CELERY = f"""
import tutorarc
tutorarc.celery.worker_main(["worker", "--concurrency", "{THREADS}", "--hostname", f"{{sys.argv[1]}}-{{time.time()}}"])
"""

needs_redis = pytest.mark.skipif(REDIS is None, reason="Debian's redis-server is not installed")


@needs_redis
def test_a_killed_redis_and_a_killed_celery_worker_lose_no_job(own_postgres, real_workers, tmp_path):
    redis = Redis(tmp_path)
    real_workers.site.environment["TUTORARC_CELERY_BROKER_URL"] = f"redis://127.0.0.1:{redis.port}/0"
    real_workers.add_jobs(JOBS)
    try:
        with real_workers.worker(CELERY) as first, real_workers.worker(CELERY):
            real_workers.wait_for_more(20)
            redis.kill()
            redis.start()
            real_workers.kill(first)
            with real_workers.worker():
                real_workers.wait_until_all_are_done()
    finally:
        redis.kill()
    times_done = real_workers.times_done
    assert set(times_done) == set(range(JOBS))
    assert sum(times_done.values()) - JOBS <= THREADS  # those in hand at the kill
    assert own_postgres.sql("SELECT count(*) FROM jobs_job WHERE attempts > 2").splitlines()[2].strip() == "0"


def celery_report(**variables):
    """What Celery's own command says of its settings. It connects to nothing."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME")}
    command = [Path(sys.executable).with_name("celery"), "-A", "tutorarc", "report"]
    return subprocess.run(  # noqa: S603
        command, cwd=ROOT, env={**kept, "TUTORARC_ENV_FILE": "", **variables}, capture_output=True, text=True
    )


@pytest.mark.slow
def test_the_command_finds_the_project():
    database, broker = "postgresql://tutorarc@127.0.0.1/tutorarc", "redis://127.0.0.1:6379/1"
    report = celery_report(DATABASE_URL=database, TUTORARC_CELERY_BROKER_URL=broker)
    assert (report.returncode, "settings -> transport:redis" in report.stdout) == (0, True), report.stderr


@pytest.mark.slow
def test_the_command_refuses_to_start_without_a_broker_and_on_sqlite():
    assert "Celery workers need TUTORARC_CELERY_BROKER_URL." in celery_report().stderr
    on_sqlite = celery_report(DATABASE_URL="sqlite:///x.sqlite3", TUTORARC_CELERY_BROKER_URL="redis://127.0.0.1/1")
    assert "Celery workers need PostgreSQL" in on_sqlite.stderr


def test_due_jobs_are_handed_over_once_a_minute_until_somebody_claims_them(half_past_nine, done, time_machine):
    Job.objects.enqueue("note", {})
    Job.objects.enqueue("note", {}, due_at=timezone.now() + timedelta(hours=1))
    job = Job.objects.earliest("due_at")
    assert Job.objects.take_to_hand_over(["note"], 10) == [job.pk]
    assert Job.objects.take_to_hand_over(["note"], 10) == []
    time_machine.shift(60)
    assert Job.objects.take_to_hand_over(["note"], 10) == [job.pk]
    assert Job.objects.claim(["note"], "one", 10) == [job]
    time_machine.shift(60)  # the worker is lost, and its lease has ended
    assert Job.objects.take_to_hand_over(["note"], 10) == [job.pk]


def test_without_celery_s_command_it_is_not_imported():
    with pytest.raises(AttributeError, match="has no attribute 'app'"):
        _ = tutorarc.app
    assert "celery" not in vars(tutorarc)
