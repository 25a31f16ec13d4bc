"""Jobs: work with a due time (docs/architecture.md, "Background work")."""

import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain.redaction import redact
from tutorarc.jobs.registry import KINDS, GiveUp, Kind, RetryLater, kind_in_words

OPEN = Q(done_at=None, failed_at=None)
# A job during which its worker was killed is done again, but not for ever: it may be what kills the workers.
MOST_LOST_ATTEMPTS = 5
JITTER = 0.1  # of the time to the next attempt, so that jobs that failed together don't come back together
HANDED_OVER_AGAIN_AFTER = timedelta(minutes=1)  # the message may be lost


class JobState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class JobQuerySet(models.QuerySet["Job"]):
    def open(self) -> "JobQuerySet":
        """Jobs that are neither done nor failed."""
        return self.filter(OPEN)

    def due(self, now: datetime) -> "JobQuerySet":
        """Open jobs that nobody works on, or whose worker did not finish them in time."""
        return self.open().filter(due_at__lte=now)

    def failed(self) -> "JobQuerySet":
        return self.filter(failed_at__isnull=False)

    def in_state(self, state: str) -> "JobQuerySet":
        """Jobs whose `state` is this one."""
        return {
            JobState.WAITING: self.open().filter(claim=None),
            JobState.RUNNING: self.open().exclude(claim=None),
            JobState.DONE: self.exclude(done_at=None),
            JobState.FAILED: self.failed(),
        }[JobState(state)]

    def expired(self) -> "JobQuerySet":
        """Jobs that were done or failed long enough ago."""
        now = timezone.now()
        return self.filter(
            Q(done_at__lte=now - settings.KEEP_DONE_JOBS) | Q(failed_at__lte=now - settings.KEEP_FAILED_JOBS)
        )

    def enqueue(
        self, kind: str, payload: dict[str, Any], *, key: str | None = None, due_at: datetime | None = None
    ) -> None:
        """Add a job in the current transaction. It is due at once unless `due_at` is given.

        There is one open job of a `key`. If it is there already it stays as it is; if it is being done it will be done
        once more, so that it sees what this transaction has written. Raises KeyError for an unknown kind.
        """
        self.enqueue_all(kind, [payload], keys=[key], due_at=due_at)

    def enqueue_all(
        self,
        kind: str,
        payloads: Sequence[dict[str, Any]],
        *,
        keys: Sequence[str | None] | None = None,
        due_at: datetime | Sequence[datetime] | None = None,
    ) -> None:
        """Add a job for each payload, in one statement. `keys`, if given, are as many, and no two are the same.

        `due_at` is one time for all, or one for each.
        """
        name, count = KINDS[kind].name, len(payloads)
        due = due_at if isinstance(due_at, Sequence) else [due_at or timezone.now()] * count
        jobs = [
            Job(kind=name, payload=payload, key=key, due_at=moment, again=key is not None)
            for payload, key, moment in zip(payloads, keys or [None] * count, due, strict=True)
        ]
        # Of a job that is there already, only `again` is written. A claim sets it back.
        self.bulk_create(jobs, update_conflicts=True, unique_fields=["key"], update_fields=["again"])

    def enqueue_periodic(self, kind: Kind, due_at: datetime) -> None:
        self.enqueue(kind.name, {}, key=kind.key, due_at=due_at)

    def claim(self, kinds: Iterable[str], worker: str, limit: int) -> list["Job"]:
        """Take up to `limit` due jobs of these kinds, first those of the kind that has waited longest.

        Workers on PostgreSQL skip the rows that another one is taking. While nothing is due, this only reads.
        """
        now = timezone.now()
        due = self.due(now).order_by("due_at", "pk")
        waiting = due.longest_waiting(kinds)
        return due.take_of(waiting, worker, limit, now) if waiting else []

    def longest_waiting(self, kinds: Iterable[str]) -> list[str]:
        """Those of the kinds of which there are jobs here. Each kind costs one row, however many jobs wait."""
        heads = [self.filter(kind=kind).values_list("due_at", "kind").first() for kind in kinds]
        return [kind for _, kind in sorted(head for head in heads if head)]

    @transaction.atomic
    def take_of(self, kinds: Sequence[str], worker: str, limit: int, now: datetime) -> list["Job"]:
        """Claim up to `limit` of these jobs, one kind after the other."""
        jobs: list[Job] = []
        for kind in kinds:
            if len(jobs) < limit:
                rows = self.select_for_update(skip_locked=True).filter(kind=kind)
                jobs += (taken := list(rows[: limit - len(jobs)]))
                self._take(taken, worker, now + KINDS[kind].lease)
        return jobs

    def take_to_hand_over(self, kinds: Iterable[str], limit: int) -> list[str]:
        """The keys of due jobs that were not handed over to Celery within the last minute."""
        now = timezone.now()
        waiting = Q(handed_over_at=None) | Q(handed_over_at__lte=now - HANDED_OVER_AGAIN_AFTER)
        due = self.due(now).filter(waiting, kind__in=list(kinds))
        if not due.exists():
            return []
        with transaction.atomic():
            locked = due.select_for_update(skip_locked=True).order_by("due_at", "pk")
            keys = list(locked.values_list("pk", flat=True)[:limit])
            self.filter(pk__in=keys).update(handed_over_at=now)
        return keys

    def _take(self, jobs: list["Job"], worker: str, until: datetime) -> None:
        claim = uuid.uuid4()
        rows = self.filter(pk__in=[job.pk for job in jobs])
        rows.update(
            claim=claim,
            worker=worker,
            due_at=until,
            attempts=models.F("attempts") + 1,
            again=False,
            handed_over_at=None,
        )
        for job in jobs:
            job.claim, job.worker, job.due_at, job.attempts = claim, worker, until, job.attempts + 1


class Job(models.Model):
    """Work with a due time.

    `due_at` is when it may be taken. A worker that takes it moves `due_at` to the end of its lease and writes a new
    `claim`: whoever has not got that claim any more can't say that the job is done.
    """

    State = JobState

    id = TypeIDField("job", primary_key=True)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, null=True, unique=True, editable=False)  # noqa: DJ001 (unique, or none)
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True, editable=False)
    worker = models.CharField(max_length=100, default="", editable=False)
    again = models.BooleanField(default=False, editable=False, help_text="Asked for again while it was being done.")
    handed_over_at = models.DateTimeField(null=True, editable=False)  # by a message to Celery workers
    last_error = models.TextField(default="")
    failed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    created_at = IdDateTimeField()

    objects = JobQuerySet.as_manager()

    class Meta:
        default_permissions = ("view", "change")  # change: to let failed ones be done again
        constraints = [
            models.CheckConstraint(name="job_is_not_done_and_failed", condition=Q(done_at=None) | Q(failed_at=None))
        ]
        indexes = [
            models.Index(fields=["due_at"], name="open_jobs", condition=OPEN),
            models.Index(fields=["kind", "due_at", "id"], name="open_jobs_of_a_kind", condition=OPEN),
            models.Index(fields=["failed_at"], name="failed_jobs", condition=Q(failed_at__isnull=False)),
            models.Index(fields=["done_at"], name="done_jobs", condition=Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{kind_in_words(self.kind)}, {self.created_at:%Y-%m-%d %H:%M}"

    def finish(self) -> bool:
        """Record that it is done. False if the claim was lost: then another worker does it."""
        if not KINDS[self.kind].kept and self._held().filter(again=False).delete()[0]:
            return True
        return self._close(done_at=timezone.now(), last_error="")

    def record_failure(self, error: Exception) -> bool:
        """Record why the attempt failed, and when the next one is due if there is one. False if the claim was lost."""
        reason = redact(str(error) if isinstance(error, GiveUp | RetryLater) else f"{type(error).__name__}: {error}")
        wait = self._wait_after(error)
        if wait is None:
            return self._close(failed_at=timezone.now(), last_error=reason)
        return bool(self._held().update(due_at=timezone.now() + wait, claim=None, last_error=reason))

    def try_again(self) -> int:
        """Let a failed job be done now, with all its attempts. Returns 0 if it is not failed, and stays as it is."""
        failed = Job.objects.failed().filter(pk=self.pk)
        return failed.update(failed_at=None, due_at=timezone.now(), attempts=0, claim=None)

    @property
    def is_open(self) -> bool:
        return self.done_at is None and self.failed_at is None

    @property
    def state(self) -> JobState:
        """RUNNING also while its worker is lost, until the lease ends and another one has taken it."""
        if not self.is_open:
            return JobState.FAILED if self.failed_at else JobState.DONE
        return JobState.RUNNING if self.claim else JobState.WAITING

    @property
    def is_poisonous(self) -> bool:
        """Whether so many workers were lost while they did it that it must be the job that ends them."""
        return self.attempts > len(KINDS[self.kind].retries) + 1 + MOST_LOST_ATTEMPTS

    def _wait_after(self, error: Exception) -> timedelta | None:
        """The time to the next attempt; None if this was the last one."""
        retries = KINDS[self.kind].retries
        if isinstance(error, GiveUp) or self.attempts > len(retries):
            return None
        seconds = error.seconds if isinstance(error, RetryLater) else None
        if seconds is None:
            seconds = retries[self.attempts - 1] * (1 + JITTER * random.random())  # noqa: S311 (no secret)
        return timedelta(seconds=seconds)

    def _held(self) -> JobQuerySet:
        return Job.objects.filter(pk=self.pk, claim=self.claim)

    @transaction.atomic
    def _close(self, **values: Any) -> bool:
        """Nobody works on it any more, unless it was asked for again in the meantime. Then it is due at once."""
        kind = KINDS[self.kind]
        if self._held().filter(again=False).update(claim=None, key=None, **values):
            if kind.on_failure and "failed_at" in values:
                kind.on_failure(self.payload)
            if kind.every:
                Job.objects.enqueue_periodic(kind, timezone.now() + kind.every)
            return True
        return bool(self._held().update(claim=None, due_at=timezone.now(), attempts=0))
