"""Import of people: adds new ones, and updates name and global role of existing ones."""

from collections.abc import Callable, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.models.signals import people_stop_teaching
from tutorarc.staff.csv_file import Columns, Row, Sheet
from tutorarc.staff.given_access import given_access
from tutorarc.staff.import_plans import ADD, CHANGE, KEEP, Plan, Planner, Problem, Step, in_batches

COLUMNS = Columns(
    required=("email", "display_name"),
    optional=("global_role",),
    aliases={"e-mail": "email", "name": "display_name"},
    ignored=("id", "is_active", "is_staff", "created_at"),
)
CLOSED = "Only a superuser may change people who are staff or ADMIN."
APPOINTS = "Only a superuser may make somebody an ADMIN."


def plan(sheet: Sheet, may_change: Callable[[Any], bool], lock: bool = False, by: Actor = SYSTEM) -> Plan:
    """Plan the import. Empty cells change nothing, and nobody is removed."""
    result = Plan(ignored=sheet.ignored)
    known = _known(sheet.rows, lock)
    first_lines: dict[str, int] = {}
    for row in sheet.rows:
        email = row.email
        if row.problem:
            result.refuse(row, email, row.problem)
        elif email in first_lines:
            result.refuse(row, email, f"The same address as in line {first_lines[email]}.")
        else:
            _plan_row(result, row, email, known.get(email), may_change, by)
        first_lines.setdefault(email, row.line)
    _keep_teachers(result, known)
    _say_what_ends(result, known)
    return result


def _known(rows: list[Row], lock: bool) -> dict[str, User]:
    """Existing people by address, locked in one order so that concurrent imports can't deadlock."""
    people = User.objects.select_for_update(no_key=True) if lock else User.objects.all()
    found: dict[str, User] = {}
    for emails in in_batches(sorted({row.email for row in rows})):
        found |= {user.email: user for user in people.filter(email__in=emails).order_by("email")}
    return found


def _plan_row(
    result: Plan, row: Row, email: str, user: User | None, may_change: Callable[[Any], bool], by: Actor
) -> None:
    """Add a row to the plan, as a step or as a problem."""
    given = {name: row.cells[name] for name in ("display_name", "global_role") if row.cells.get(name)}
    if "global_role" in given:
        given["global_role"] = given["global_role"].upper()
    if reason := _error(email, user, given, may_change):
        result.refuse(row, email, reason)
    elif _appoints(user, given) and not may_change(User(email=email, **given)):
        result.refuse(row, email, APPOINTS)
    elif user is None:
        role = given.setdefault("global_role", User.GlobalRole.STUDENT)
        result.steps.append(Step(row.line, email, ADD, f"{given['display_name']}, {role}", given, 1))
    elif not (differing := {name: value for name, value in given.items() if getattr(user, name) != value}):
        result.steps.append(Step(row.line, email, KEEP, ""))
    elif not may_change(user):
        result.refuse(row, email, CLOSED)
    elif reason := _role_refusal(user, differing, by):
        result.refuse(row, email, reason)
    else:
        summary = "; ".join(f"{name}: {getattr(user, name)} → {value}" for name, value in differing.items())
        result.steps.append(Step(row.line, email, CHANGE, summary.replace("_", " "), (user.pk, differing), 1))


def _role_refusal(user: User, differing: dict[str, str], by: Actor) -> str:
    """Why this member of staff may not give the role; empty if they may."""
    try:
        if role := differing.get("global_role"):
            user.refuse_global_role(by, role)
    except Conflict as refusal:
        return refusal.message
    return ""


def _say_what_ends(result: Plan, known: dict[str, User]) -> None:
    """Add to the preview of each new ADMIN what others gave them access with, which ends."""
    steps = [step for step in result.of(CHANGE) if _gains_rights(known[step.label], step.work[1])]
    ends = given_access([known[step.label] for step in steps]) if steps else {}
    for step in steps:
        summary = f"{step.summary}; ends: {'; '.join(ends[step.work[0]])}"
        result.steps[result.steps.index(step)] = step._replace(summary=summary)


def _keep_teachers(result: Plan, known: dict[str, User]) -> None:
    """Refuse rows that would leave a class without an active teacher."""
    steps = [step for step in result.of(CHANGE) if _stops_teaching(known[step.label], step.work[1])]
    if not steps:
        return
    try:
        with transaction.atomic():
            people_stop_teaching.send(User, people=[known[step.label] for step in steps])
    except Conflict as refusal:
        for index, step in enumerate(steps):
            named = [detail.message for detail in refusal.details if detail.field in ("", f"people[{index}]")]
            if named:
                result.steps.remove(step)
                result.problems.append(Problem(step.line, step.label, " ".join([refusal.message, *named])))


def _stops_teaching(user: User, differing: dict[str, str]) -> bool:
    return user.can_teach and differing.get("global_role") == User.GlobalRole.STUDENT


def _appoints(user: User | None, given: dict[str, str]) -> bool:
    return given.get("global_role") == User.GlobalRole.ADMIN and not (user and user.is_admin)


def _gains_rights(user: User, given: dict[str, str]) -> bool:
    """Superusers have every right before."""
    return _appoints(user, given) and not user.is_superuser


def _error(email: str, user: User | None, given: dict[str, str], may_change: Callable[[Any], bool]) -> str:
    """The error in a row, or an empty string: then `given` holds the values as they are stored."""
    if (role := given.get("global_role", User.GlobalRole.STUDENT)) not in User.GlobalRole.values:
        return f"“{role}” is none of {', '.join(r for r in User.GlobalRole if may_change(User(global_role=r)))}."
    before = {"display_name": user.display_name, "global_role": user.global_role} if user else {}
    person = User(email=email, password="!", **{**before, **given})  # noqa: S106 (no password at all)
    try:
        person.clean_fields()
    except ValidationError as error:
        return " ".join(f"{name}: {' '.join(reasons)}" for name, reasons in error.message_dict.items())
    given.update({name: getattr(person, name) for name in given})
    return ""


def write(plan: Plan, by: Actor) -> Iterator[int]:
    """Write the plan, in one order of addresses so that concurrent imports can't deadlock."""
    for batch in in_batches(sorted(plan.of(ADD), key=lambda step: step.label)):
        User.objects.create_many([User(email=step.label, **step.work) for step in batch], by)
        yield len(batch)
    for batch in in_batches(sorted(plan.of(CHANGE), key=lambda step: step.work[0])):
        User.objects.edit_many(dict(step.work for step in batch), by)
        yield len(batch)


PEOPLE = Planner(COLUMNS, plan, write)
