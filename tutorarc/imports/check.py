"""The check of a file before its import: what would be done for each row."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from tutorarc.imports.arrange import CLASSES, PARTS, PEOPLE, Parts
from tutorarc.imports.columns import Row
from tutorarc.imports.kinds import PLANNERS
from tutorarc.imports.models import FAILED, Import, ImportFile, ImportLine, ImportState
from tutorarc.imports.plans import ADD, DIGEST_LENGTH, OUTCOMES, Plan, Problem, Step, Terms

SHOWN = 100  # rows of each outcome
NONE = "-" * DIGEST_LENGTH  # of rows that can't be imported


def check(about: Import, parts: Parts) -> None:
    """Plan each part, keep what the preview shows, and what is needed to carry it out.

    The plan of 50,000 rows takes seconds. So it is made before the transaction, which on SQLite keeps others waiting.
    """
    terms = Terms(by=about.actor, may_update=about.may_update)
    plans: dict[str, Plan] = {}
    for part in PARTS:
        rows = parts.rows(part)
        plans[part] = PLANNERS[part].plan(rows, terms) if rows else Plan()
        terms = _with_coming(terms, part, plans[part])
    counts = _counts(plans.values())
    about.preview, about.counts, about.notes = _preview(parts, plans.values()), dict(counts), parts.notes
    about.class_ids = {key: pk for key, pk in terms.classes.items() if pk}
    about.total, about.state = sum(counts.values()), ImportState.READY
    content = {part: _content(parts.rows(part), plan) for part, plan in plans.items()}
    _keep(about, content, {part: plan.problems for part, plan in plans.items()})


def _counts(plans: Iterable[Plan]) -> Counter[str]:
    """The number of rows by outcome."""
    counts: Counter[str] = Counter()
    for plan in plans:
        counts.update({outcome: len(plan.of(outcome)) for outcome in OUTCOMES} | {FAILED: len(plan.problems)})
    return counts


def _preview(parts: Parts, plans: Iterable[Plan]) -> dict[str, Any]:
    """The first rows of each outcome and the first warnings, and the number of rows of each part."""
    shown: dict[str, Any] = {"groups": {outcome: [] for outcome in OUTCOMES}, "warnings": []}
    for plan in plans:
        _show(shown, plan)
    return shown | {"parts": {part: len(parts.rows(part)) for part in PARTS}}


def _content(rows: Sequence[Row], plan: Plan) -> dict[str, Any]:
    """What is needed to carry out a part: the rows, and what the preview showed of each."""
    digests = {id(step.row): step.digest for step in plan.steps}
    return {"rows": [list(row) for row in rows], "expected": [digests.get(id(row), NONE) for row in rows]}


@transaction.atomic
def _keep(about: Import, content: dict[str, Any], problems: dict[str, list[Problem]]) -> None:
    about.save()
    ImportFile.keep(about, content)
    ImportLine.objects.filter(about=about).delete()
    for part, some in problems.items():
        ImportLine.objects.add(about, part, sorted(some, key=lambda problem: problem.line))


def _with_coming(terms: Terms, part: str, plan: Plan) -> Terms:
    """Terms for the next part, which may name people and classes that this one adds."""
    if part == PEOPLE:
        coming = {step.label: step.work["global_role"] for step in plan.of(ADD)}
        return replace(terms, coming_people=coming)
    if part == CLASSES:
        classes = {step.row.cells["key"]: step.work.pk for step in plan.steps if step.work}
        return replace(terms, classes=classes)
    return terms


def _show(shown: dict[str, Any], plan: Plan) -> None:
    for outcome in OUTCOMES:
        group = shown["groups"][outcome]
        group += [_shown(step) for step in plan.of(outcome)[: SHOWN - len(group)]]
    warned = [step for step in plan.steps if step.warning]
    shown["warnings"] += [
        {**_shown(step), "summary": step.warning} for step in warned[: SHOWN - len(shown["warnings"])]
    ]


def _shown(step: Step) -> dict[str, Any]:
    return {"line": step.line, "file": step.row.file, "label": step.label, "summary": step.summary}
