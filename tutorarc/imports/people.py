"""Import of people: adds new ones, and updates name, global role, external id and status of existing ones."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from tutorarc.domain import email as addresses
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.imports.columns import Row
from tutorarc.imports.plans import ADD, CHANGE, KEEP, Plan, Planner, Record, Step, Terms, in_batches
from tutorarc.models import User
from tutorarc.models.signals import people_stop_teaching
from tutorarc.staff.given_access import given_access

VALUES = ("display_name", "global_role", "external_id", "is_active")
NOT_IMPORTED = {field.name for field in User._meta.fields} - {"email", *VALUES}  # for 50,000 rows each field costs time
CLOSED = "Only a superuser may change people who are staff or ADMIN."
APPOINTS = "Only a superuser may make somebody an ADMIN."
YOURSELF = "You can't deactivate yourself by an import."
ONLY_ADD = "is here already, and this import only adds"
OTHER_ADDRESS = "The person with this external id has the address {email} here. Change it on their page first."
OTHERS_ID = "The external id belongs to {email}."


class People:
    """Existing people that rows mean, by address and by external id."""

    def __init__(self, rows: Sequence[Row], *, lock: bool = False) -> None:
        # Locked in one order, so that concurrent imports can't deadlock.
        people = User.objects.select_for_update(no_key=True) if lock else User.objects.all()
        self.by_email: dict[str, User] = {}
        self.by_external_id: dict[str, User] = {}
        keys = sorted({(row_email(row), row.cells.get("external_id", "")) for row in rows})
        for some in in_batches(keys):
            wanted = Q(email__in={email for email, _ in some})
            if external_ids := {key for _, key in some if key}:
                wanted |= Q(external_id__in=external_ids)
            for user in people.filter(wanted).order_by("email"):
                self.by_email[user.email] = user
                if user.external_id:
                    self.by_external_id[user.external_id] = user

    def of(self, row: Row) -> User | None:
        """The person with the address of the row, or without one with its external id."""
        if email := row_email(row):
            return self.by_email.get(email)
        return self.by_external_id.get(row.cells.get("external_id", ""))


def roles_to_give(terms: Terms) -> list[str]:
    """The global roles that the actor may give."""
    return [role for role in User.GlobalRole if terms.may_change(User(global_role=role))]


def row_email(row: Row) -> str:
    """The address as addresses are stored, or as it stands there if it is none."""
    return addresses.spellings(row.cells.get("email", ""))[-1]


def plan(rows: Sequence[Row], terms: Terms) -> Plan:
    """Plan the import. Empty cells change nothing, and nobody is removed."""
    result, known = Plan(), People(rows, lock=terms.lock)
    first_lines: dict[str, int] = {}
    for row in rows:
        email = row_email(row)
        repeated = _repeated(row, email, first_lines)
        if row.problem:
            result.refuse(row, email, row.problem)
        elif reported := row.cells.get("reported"):
            result.steps.append(Step(row, email, KEEP, reported))
        elif repeated:
            result.refuse(row, email, repeated)
        else:
            _plan_row(result, row, email, known, terms)
    _keep_teachers(result)
    _say_what_ends(result)
    return result


def _repeated(row: Row, email: str, first_lines: dict[str, int]) -> str:
    """Which earlier line has the same address or external id; empty if none has. Notes those of this row."""
    external_id = row.cells.get("external_id", "")
    keys = {"address": email, "external id": external_id and f"={external_id}"}
    repeated = [f"The same {name} as in line {first_lines[key]}." for name, key in keys.items() if key in first_lines]
    for key in filter(None, keys.values()):
        first_lines.setdefault(key, row.line)
    return repeated[0] if repeated else ""


def _plan_row(result: Plan, row: Row, email: str, known: People, terms: Terms) -> None:
    """Add a row to the plan, as a step or as a problem."""
    user, given = known.of(row), _given(row)
    email = user.email if user else email
    if user and (row.cells.get("only_add") or not terms.may_update):
        differs = any(getattr(user, name) != value for name, value in given.items())
        result.steps.append(Step(row, email, KEEP, ONLY_ADD if differs else ""))
    elif reason := (
        _error(email, user, given, terms) or _taken_id(user, given, known) or _appointment(email, user, given, terms)
    ):
        result.refuse(row, email, reason)
    elif user is None:
        result.steps.append(_addition(row, email, given))
    elif differing := {name: value for name, value in given.items() if getattr(user, name) != value}:
        _plan_change(result, row, user, differing, terms)
    else:
        result.steps.append(Step(row, email, KEEP, ""))


def _given(row: Row) -> dict[str, Any]:
    given: dict[str, Any] = {name: row.cells[name] for name in VALUES if row.cells.get(name)}
    if "global_role" in given:
        given["global_role"] = given["global_role"].upper()
    if "is_active" in given:
        given["is_active"] = given["is_active"] == "1"
    return given


def _addition(row: Row, email: str, given: dict[str, Any]) -> Step:
    role = given.setdefault("global_role", User.GlobalRole.STUDENT)
    warning = "Becomes an ADMIN." if role == User.GlobalRole.ADMIN else ""
    state = "" if given.get("is_active", True) else ", not active"
    return Step(row, email, ADD, f"{given['display_name']}, {role}{state}", given, warning)


def _plan_change(result: Plan, row: Row, user: User, differing: dict[str, Any], terms: Terms) -> None:
    if not terms.may_change(user):
        result.refuse(row, user.email, CLOSED)
    elif reason := _refusal(user, differing, terms.by):
        result.refuse(row, user.email, reason)
    else:
        summary = "; ".join(
            f"{name.replace('_', ' ').removeprefix('is ')}: {_shown(getattr(user, name))} → {_shown(value)}"
            for name, value in differing.items()
        )
        step = Step(row, user.email, CHANGE, summary, (user, differing), _warning(user, differing, terms.by))
        result.steps.append(step)


def _shown(value: Any) -> str:
    words = {None: "–", True: "yes", False: "no"}
    return words[value] if value in words else str(value)


def _refusal(user: User, differing: dict[str, Any], by: Actor) -> str:
    """Why this member of staff may not change the person so; empty if they may."""
    if by.user == user and differing.get("is_active") is False:
        return YOURSELF
    try:
        if role := differing.get("global_role"):
            user.refuse_global_role(by, role)
    except Conflict as refusal:
        return refusal.message
    return ""


def _warning(user: User, differing: dict[str, Any], by: Actor) -> str:
    if by.user == user:
        return "This is you."
    if user.rights:
        return "This person is staff or ADMIN."
    return "Becomes an ADMIN." if _appoints(user, differing) else ""


def _taken_id(user: User | None, given: dict[str, Any], known: People) -> str:
    """Why the row can't have its external id; empty if it can."""
    owner = known.by_external_id.get(given.get("external_id", ""))
    if owner is None or owner == user:
        return ""
    return (OTHERS_ID if user else OTHER_ADDRESS).format(email=owner.email)


def _appointment(email: str, user: User | None, given: dict[str, Any], terms: Terms) -> str:
    """Why the person can't become an ADMIN; empty if they can, or don't."""
    if not _appoints(user, given):
        return ""
    appointed = User(email=email, global_role=User.GlobalRole.ADMIN)
    return APPOINTS if not terms.may_change(appointed) else ""


def _say_what_ends(result: Plan) -> None:
    """Add to the preview of each new ADMIN what others gave them access with, which ends."""
    steps = [step for step in result.of(CHANGE) if _gains_rights(*step.work)]
    ends = given_access([step.work[0] for step in steps]) if steps else {}
    told = [(step, f"{step.summary}; ends: {'; '.join(ends[step.work[0].pk])}") for step in steps]
    result.replace([(step, step._replace(summary=summary)) for step, summary in told])


def _keep_teachers(result: Plan) -> None:
    """Refuse rows that would leave a class without an active teacher."""
    steps = [step for step in result.of(CHANGE) if _stops_teaching(*step.work)]
    if not steps:
        return
    try:
        with transaction.atomic():
            people_stop_teaching.send(User, people=[step.work[0] for step in steps])
    except Conflict as refusal:
        refused = []
        for index, step in enumerate(steps):
            named = [detail.message for detail in refusal.details if detail.field in ("", f"people[{index}]")]
            if named:
                refused.append((step, " ".join([refusal.message, *named])))
        result.refuse_steps(refused)


def _stops_teaching(user: User, differing: dict[str, Any]) -> bool:
    ends = differing.get("global_role") == User.GlobalRole.STUDENT or differing.get("is_active") is False
    return user.can_teach and ends


def _appoints(user: User | None, given: dict[str, Any]) -> bool:
    return given.get("global_role") == User.GlobalRole.ADMIN and not (user and user.is_admin)


def _gains_rights(user: User, given: dict[str, Any]) -> bool:
    """Superusers have every right before."""
    return _appoints(user, given) and not user.is_superuser


def _error(email: str, user: User | None, given: dict[str, Any], terms: Terms) -> str:
    """The error in a row, or an empty string: then `given` holds the values as they are stored."""
    if (role := given.get("global_role", User.GlobalRole.STUDENT)) not in User.GlobalRole.values:
        return f"“{role}” is none of {', '.join(roles_to_give(terms))}."
    before = {"display_name": user.display_name, "global_role": user.global_role} if user else {}
    person = User(email=email, **{**before, **given})
    try:
        person.clean_fields(exclude=NOT_IMPORTED)
    except ValidationError as error:
        return " ".join(f"{name}: {' '.join(reasons)}" for name, reasons in error.message_dict.items())
    given.update({name: getattr(person, name) for name in given})
    return ""


def write(steps: Sequence[Step], by: Actor) -> list[Record]:
    """Write the steps, in one order of addresses so that concurrent imports can't deadlock."""
    written: list[Record] = []
    added = sorted((step for step in steps if step.outcome == ADD), key=lambda step: step.label)
    for batch in in_batches(added):
        people = User.objects.create_many([User(email=step.label, **step.work) for step in batch], by)
        written += [Record("tutorarc.user", user.pk, str(user)) for user in people]
    changed = sorted((step for step in steps if step.outcome == CHANGE), key=lambda step: step.work[0].pk)
    for batch in in_batches(changed):
        people = User.objects.edit_many({step.work[0].pk: step.work[1] for step in batch}, by)
        written += [Record("tutorarc.user", user.pk, str(user)) for user in people]
    return written


PEOPLE = Planner("people", plan, write, ("tutorarc.add_user", "tutorarc.change_user"))
