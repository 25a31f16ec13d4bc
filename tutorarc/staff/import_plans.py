"""Plans of imports: what will be done for each row."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from tutorarc.domain.events import Actor
from tutorarc.staff.csv_file import Columns, Row, Sheet

BATCH = 500

ADD, CHANGE, KEEP = "added", "changed", "left alone"


class Step(NamedTuple):
    """Planned change of one row. `label` and `summary` are shown in the preview; `work` is passed to `write`."""

    line: int
    label: str
    outcome: str
    summary: str
    work: Any = None
    changes: int = 0


class Problem(NamedTuple):
    line: int
    label: str
    reason: str


@dataclass
class Plan:
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def of(self, outcome: str) -> list[Step]:
        return [step for step in self.steps if step.outcome == outcome]

    def refuse(self, row: Row, label: str, reason: str) -> None:
        self.problems.append(Problem(row.line, label, reason))

    @property
    def fingerprint(self) -> str:
        """Equal for plans with the same steps."""
        values = [(step.line, step.label, step.outcome, step.summary) for step in self.steps]
        return hashlib.sha256(repr((values, self.problems)).encode()).hexdigest()

    @property
    def changes(self) -> int:
        return sum(step.changes for step in self.steps)

    @property
    def summary(self) -> str:
        return ", ".join(f"{len(self.of(outcome)):,} {outcome}" for outcome in (ADD, CHANGE, KEEP))


class Planner(NamedTuple):
    """One kind of import.

    `plan(sheet, may_change, lock, by)` only reads; with `lock` the rows stay locked until the transaction ends.
    `write(plan, by)` runs inside a transaction and yields the size of each written batch.
    """

    columns: Columns
    plan: Callable[[Sheet, Callable[[Any], bool], bool, Actor], Plan]
    write: Callable[[Plan, Actor], Iterator[int]]


def in_batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch
