"""Carrying out an import: batch by batch, each in a transaction with the number of the next one.

So an import goes on after its worker was killed, and does nothing twice: the row of the import is locked meanwhile.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from tutorarc.domain.errors import DomainError
from tutorarc.imports.arrange import PARTS, PEOPLE
from tutorarc.imports.check import NONE
from tutorarc.imports.columns import Row
from tutorarc.imports.kinds import PLANNERS
from tutorarc.imports.models import FAILED, Import, ImportFile, ImportLine, ImportState
from tutorarc.imports.plans import ADD, KEEP, OUTCOMES, Plan, Planner, Problem, Record, Terms
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.staff.welcome_mails import queue_welcome_mails

SECONDS_A_TURN = 20  # less than the lease of a job
RECORDS_KEPT = 100
CHANGED_MEANWHILE = "Something changed since the preview: {outcome}. Import this line again."
INTERRUPTED = (
    "The server failed several times in a row while it wrote the next rows; the file is not the reason. It can go on "
    "within a day. Later, choose the file again: what was written is left alone."
)
NOT_ALLOWED = "Whoever started it may no longer import this."


class Batch(NamedTuple):
    """Rows of one part that are written together, each with what the preview said of it."""

    part: str
    rows: list[tuple[Row, str]]


def start(about: Import) -> None:
    """Let the import be carried out, in the current transaction."""
    about.state = ImportState.RUNNING
    about.counts = {FAILED: about.count(FAILED)}
    about.done = about.count(FAILED)
    about.save()
    enqueue(about.pk)


def enqueue(pk: str) -> None:
    Job.objects.enqueue("import", {"import": pk}, key=f"import {pk}")


@transaction.atomic
def go_on(about: Import) -> bool:
    """Let an interrupted import be carried out further. False if it is not interrupted."""
    if is_resumed := bool(Import.objects.resume(about.pk)):
        enqueue(about.pk)
    return is_resumed


@transaction.atomic
def interrupt(payload: Payload) -> None:
    """Stop an import whose job has failed for good. What was written stays."""
    about = (
        Import.objects.select_for_update(no_key=True).filter(pk=payload["import"], state=ImportState.RUNNING).first()
    )
    if about:
        about.interrupt(INTERRUPTED)


@job("import", retries=(5, 30, 120, 600), on_failure=interrupt)
def carry_out(payload: Payload) -> None:
    """Write batches for a while. What is left is done by the same job, which is asked for again.

    An interrupted import goes on: somebody asked on the page of its failed job to try again.
    """
    until = time.monotonic() + SECONDS_A_TURN
    Import.objects.resume(payload["import"])
    batches = stored_batches(payload["import"])
    while write_next(payload["import"], batches):
        if time.monotonic() > until:
            enqueue(payload["import"])
            return


def stored_batches(pk: str) -> list[Batch]:
    """All batches of an import, the written ones too. None once it has ended."""
    file = ImportFile.objects.filter(pk=pk).first()
    return list(_batches(file.read())) if file else []


def _batches(content: dict[str, Any]) -> Iterator[Batch]:
    for part in PARTS:
        kept = content[part]
        rows = [(Row(*row), digest) for row, digest in zip(kept["rows"], kept["expected"], strict=True)]
        usable = [(row, digest) for row, digest in rows if digest != NONE]
        if usable:
            yield from (Batch(part, some) for some in _cut(usable, PLANNERS[part]))


def _cut(rows: Sequence[tuple[Row, str]], planner: Planner) -> Iterator[list[tuple[Row, str]]]:
    """Batches of about the size that the planner wants. Rows of one group stay together."""
    batch: list[tuple[Row, str]] = []
    group = planner.group
    for row in sorted(rows, key=lambda pair: group(pair[0])):
        if len(batch) >= planner.batch and (not group(row[0]) or group(row[0]) != group(batch[-1][0])):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


@transaction.atomic
def write_next(pk: str, batches: Sequence[Batch]) -> bool:
    """Write the next batch. False if there is none left."""
    about = Import.objects.select_for_update(of=("self",), no_key=True).select_related("by").get(pk=pk)
    if about.state != ImportState.RUNNING:
        return False
    if about.batch >= len(batches):
        _end(about)
        return False
    batch = batches[about.batch]
    if not may_import(about, [batch.part]):
        about.finish(ImportState.STOPPED, NOT_ALLOWED)
        return False
    _count(about, _Writer(about, batch).write(batch.rows), batch)
    return True


def may_import(about: Import, parts: Sequence[str]) -> bool:
    """Whether the person who started it may still do what these parts do."""
    permissions = [permission for part in parts for permission in PLANNERS[part].permissions]
    return about.by.is_active and about.by.is_staff and about.by.has_perms(permissions)


class Written(NamedTuple):
    counts: Counter[str]
    records: list[Record]
    problems: list[Problem]


class _Writer:
    """Writes a batch. If a rule refuses it, its halves are tried, so that only the rows that break it are left out."""

    def __init__(self, about: Import, batch: Batch) -> None:
        self._about, self._planner, self._is_people = about, PLANNERS[batch.part], batch.part == PEOPLE

    def write(self, rows: Sequence[tuple[Row, str]]) -> Written:
        try:
            with transaction.atomic():
                return self._write(rows)
        except (DomainError, ValidationError) as refusal:
            if len(rows) == 1:
                return _refused(rows[0][0], refusal)
        half = len(rows) // 2
        first, second = self.write(rows[:half]), self.write(rows[half:])
        return Written(first.counts + second.counts, first.records + second.records, first.problems + second.problems)

    def _write(self, rows: Sequence[tuple[Row, str]]) -> Written:
        terms = Terms(self._about.actor, lock=True, may_update=self._about.may_update, classes=self._about.class_ids)
        plan = self._planner.plan([row for row, _ in rows], terms)
        _refuse_changed(plan, {id(row): digest for row, digest in rows})
        changing = [step for step in plan.steps if step.outcome != KEEP]
        records = self._planner.write(changing, self._about.actor)
        if self._is_people:
            self._invite(records[: len(plan.of(ADD))])
        counts = Counter({outcome: len(plan.of(outcome)) for outcome in OUTCOMES})
        counts[FAILED] = len(plan.problems)
        return Written(counts, records, plan.problems)

    def _invite(self, added: Sequence[Record]) -> None:
        """Mail a link to set a password to each, if that was asked for."""
        if self._about.invites:
            queue_welcome_mails([record.pk for record in added], self._about.site)
            self._about.invited += len(added)


def _refuse_changed(plan: Plan, expected: dict[int, str]) -> None:
    """Refuse steps that do something else than the preview said. To leave a row alone is always right."""
    changed = [step for step in plan.steps if step.outcome != KEEP and step.digest != expected[id(step.row)]]
    plan.refuse_steps([(step, CHANGED_MEANWHILE.format(outcome=step.summary)) for step in changed])


def _refused(row: Row, refusal: DomainError | ValidationError) -> Written:
    details = [detail.message for detail in getattr(refusal, "details", ())]
    reason = " ".join(
        dict.fromkeys([refusal.message, *details] if isinstance(refusal, DomainError) else refusal.messages)
    )
    label = row.cells.get("email") or row.cells.get("title") or row.cells.get("external_id", "")
    return Written(Counter({FAILED: 1}), [], [Problem(row, label, reason)])


def _count(about: Import, written: Written, batch: Batch) -> None:
    """Record how far it is, in the transaction of the batch."""
    ImportLine.objects.add(about, batch.part, written.problems)
    about.counts = dict(Counter(about.counts) + written.counts)
    about.batch += 1
    about.done += len(batch.rows)
    about.class_ids |= {record.key: record.pk for record in written.records if record.key}
    room = RECORDS_KEPT - len(about.records)
    about.records += [list(record[:3]) for record in written.records[:room]]
    about.save()


def _end(about: Import) -> None:
    about.finish()
    SecurityEvent.objects.record(
        SecurityEventKind.IMPORT,
        by=about.actor,
        records=about.kind,
        rows=about.total,
        added=about.count(ADD),
        changed=about.count("changed"),
        file=about.file_name,
        import_id=about.pk,
    )
