"""Plans of imports: what will be done for each row."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.imports.columns import Row

BATCH = 500

ADD, CHANGE, KEEP = "added", "changed", "left alone"
OUTCOMES = (ADD, CHANGE, KEEP)


class Step(NamedTuple):
    """Planned change of one row. `label` and `summary` are shown in the preview; `work` is passed to `write`."""

    row: Row
    label: str
    outcome: str
    summary: str
    work: Any = None
    warning: str = ""

    @property
    def line(self) -> int:
        return self.row.line

    @property
    def digest(self) -> str:
        """Equal for steps that say the same."""
        return hashlib.sha256(repr((self.label, self.outcome, self.summary)).encode()).hexdigest()[:DIGEST_LENGTH]


DIGEST_LENGTH = 12


class Problem(NamedTuple):
    row: Row
    label: str
    reason: str

    @property
    def line(self) -> int:
        return self.row.line


@dataclass
class Plan:
    steps: list[Step] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, outcome: str) -> list[Step]:
        return [step for step in self.steps if step.outcome == outcome]

    def refuse(self, row: Row, label: str, reason: str) -> None:
        self.problems.append(Problem(row, label, reason))

    def replace(self, steps: Sequence[tuple[Step, Step]]) -> None:
        """Replace each first step by the second one."""
        new = {id(old): step for old, step in steps}
        self.steps = [new.get(id(step), step) for step in self.steps]

    def refuse_steps(self, refused: Sequence[tuple[Step, str]]) -> None:
        """Make problems of steps, each with its reason."""
        gone = {id(step) for step, _ in refused}
        self.steps = [step for step in self.steps if id(step) not in gone]
        self.problems += [Problem(step.row, step.label, reason) for step, reason in refused]

    @property
    def summary(self) -> str:
        return ", ".join(f"{len(self.of(outcome)):,} {outcome}" for outcome in OUTCOMES)


@dataclass(frozen=True)
class Terms:
    """Who imports, and how. `lock`: rows stay locked until the transaction ends."""

    by: Actor = SYSTEM
    lock: bool = False
    may_update: bool = True
    coming_people: dict[str, str] = field(default_factory=dict)  # global roles of people that the file adds before
    classes: dict[str, str] = field(default_factory=dict)  # ids by the keys of the file; "" for those that it adds

    def may_change(self, person: Any) -> bool:
        """Whether the actor may change this person's account."""
        return self.by.user is None or self.by.user.may_manage_account(person)


class Record(NamedTuple):
    """A row that was written, for the links on the page of the result."""

    model: str
    pk: str
    label: str
    key: str = ""  # of a class in the file


class Planner(NamedTuple):
    """One part of an import.

    `plan(rows, terms)` only reads. `write(steps, by)` runs inside a transaction, and returns what it wrote, the added
    ones first. Rows of one `group` are planned and written together; "" is none.
    """

    records: str  # plural of what it writes
    plan: Callable[[Sequence[Row], Terms], Plan]
    write: Callable[[Sequence[Step], Actor], list[Record]]
    permissions: tuple[str, ...]
    group: Callable[[Row], str] = lambda _row: ""
    batch: int = BATCH


def in_batches(items: Iterable[Any], size: int = 0) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size or BATCH)):
        yield batch
