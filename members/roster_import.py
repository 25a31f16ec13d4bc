"""Import of rosters: enrols or approves people, and changes role or status as the file says."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from classes import codes
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.batch_errors import Newcomer
from members.models import Membership
from members.staff_rules import GIVES_A_PLACE, refuse_place
from tutorarc.db import ids
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.staff.csv_file import Columns, Row, Sheet, Unreadable
from tutorarc.staff.import_plans import ADD, CHANGE, KEEP, Plan, Planner, Problem, Step, in_batches

MAX_CLASSES = 100
COLUMNS = Columns(
    required=("class", "email"),
    optional=("role", "status"),
    aliases={"class_code": "class", "class_id": "class", "class code": "class", "e-mail": "email"},
    ignored=("class_title", "display_name", "joined_at"),
)
PENDING, APPROVED = MembershipStatus.PENDING, MembershipStatus.APPROVED
REJECTED, REMOVED = MembershipStatus.REJECTED, MembershipStatus.REMOVED
# Verbs from one status to another; None means no membership in the class.
TRANSITIONS: dict[tuple[str | None, str], tuple[str, ...]] = {
    (None, APPROVED): ("enrol",),
    (PENDING, APPROVED): ("approve",),
    (PENDING, REJECTED): ("reject",),
    (APPROVED, REMOVED): ("remove",),
    (REJECTED, PENDING): ("reopen",),
    (REMOVED, PENDING): ("reopen",),
    (REJECTED, APPROVED): ("reopen", "approve"),
    (REMOVED, APPROVED): ("reopen", "approve"),
}
VERBS = ("reopen", "approve", "enrol", "make teacher", "make student", "reject", "remove")  # in the order of execution


class Work(NamedTuple):
    klass: Class
    user: User
    role: str
    verbs: tuple[str, ...]
    taught: bool  # counted as an active teacher before
    teaches: bool  # and will after


class Records(NamedTuple):
    """Existing rows that the file refers to."""

    classes: dict[str, Class]
    people: dict[str, User]
    members: dict[tuple[str, str], Membership]

    def class_of(self, row: Row) -> Class | None:
        return next((self.classes[name] for name in _names(row) if name in self.classes), None)


def plan(sheet: Sheet, _may_change: Callable[[Any], bool], lock: bool = False, by: Actor = SYSTEM) -> Plan:
    """Plan the import. An empty role changes nothing, and nobody is removed. Raises Unreadable."""
    result = Plan(ignored=sheet.ignored)
    found = _read(sheet, lock)
    first_lines: dict[tuple[Class, User], int] = {}
    for row in sheet.rows:
        label = f"{row.email} in {row.cells.get('class', '')}"
        klass, user = found.class_of(row), found.people.get(row.email)
        if row.problem:
            result.refuse(row, label, row.problem)
        elif klass is None:
            result.refuse(row, label, "No class has this code or id.")
        elif user is None:
            result.refuse(row, label, "No user has this address. Import people first.")
        elif (first := first_lines.setdefault((klass, user), row.line)) != row.line:
            result.refuse(row, label, f"The same person and class as in line {first}.")
        else:
            _plan_row(result, row, label, klass, user, found.members.get((klass.pk, user.pk)), by)
    _keep_a_teacher(result)
    return result


# Reading


def _names(row: Row) -> tuple[str, ...]:
    """The id of a class, or the codes that the text may mean."""
    text = row.cells.get("class", "").strip()
    return (text,) if text.startswith("cls_") else tuple(codes.possible_codes(text))


def _read(sheet: Sheet, lock: bool) -> Records:
    named = {_names(row) for row in sheet.rows}
    if len(named) > MAX_CLASSES:
        raise Unreadable(f"The file names more than {MAX_CLASSES} classes. Split it.")
    classes: QuerySet[Class] = Class.objects.order_by("pk")  # locked in one order to avoid deadlocks
    if lock:
        classes = classes.select_for_update(no_key=True)
    names = [name for names in named for name in names]
    keys = [name for name in names if _is_id(name)]
    rows = list(classes.filter(Q(class_code__in=names) | Q(pk__in=keys)))
    people: dict[str, User] = {}
    members: dict[tuple[str, str], Membership] = {}
    for emails in in_batches(sorted({row.email for row in sheet.rows})):
        some = list(User.objects.filter(email__in=emails))
        people |= {user.email: user for user in some}
        of_some = Membership.objects.filter(user__in=some, klass__in=rows)
        members |= {(member.klass_id, member.user_id): member for member in of_some}
    return Records({name: row for row in rows for name in (row.pk, row.class_code)}, people, members)


def _is_id(name: str) -> bool:
    try:
        return bool(ids.to_uuid("cls", name))
    except ids.MalformedId:
        return False


# Planning a row


def _plan_row(
    result: Plan, row: Row, label: str, klass: Class, user: User, member: Membership | None, by: Actor
) -> None:
    """Add a row to the plan, as a step or as a problem."""
    status = member.status if member else None
    role = row.cells.get("role", "").upper() or (member.role if member else ClassRole.STUDENT)
    requested = row.cells.get("status", "").upper()
    if not requested and status in (REJECTED, REMOVED):
        summary = f"stays {status}: the status APPROVED would let them in again"
        result.steps.append(Step(row.line, label, KEEP, summary))
        return
    target = requested or APPROVED
    verbs = _verbs(status, target) + _role_verb(member, role)
    if reason := (
        _invalid_value(role, target)
        or _refusal(klass, user, member, role, target, verbs)
        or _staff_refusal(user, role, verbs, by)
    ):
        result.refuse(row, label, reason)
        return
    taught = bool(member and user.can_teach and (member.role, status) == (ClassRole.TEACHER, APPROVED))
    teaches = user.can_teach and (role, target) == (ClassRole.TEACHER, APPROVED)
    work = Work(klass, user, role, verbs, taught, teaches)
    outcome = ADD if member is None else CHANGE if verbs else KEEP
    result.steps.append(Step(row.line, label, outcome, _summary(member, role, target), work, len(verbs)))


def _verbs(status: str | None, target: str) -> tuple[str, ...]:
    return () if status == target else TRANSITIONS.get((status, target), ())


def _role_verb(member: Membership | None, role: str) -> tuple[str, ...]:
    return () if member is None or member.role == role else (f"make {role.lower()}",)


def _invalid_value(role: str, target: str) -> str:
    for value, known in ((role, ClassRole), (target, MembershipStatus)):
        if value not in known.values:
            return f"“{value}” is none of {', '.join(known.values)}."
    return ""


def _refusal(
    klass: Class, user: User, member: Membership | None, role: str, target: str, verbs: tuple[str, ...]
) -> str:
    """The reason why the change would be refused; empty if it is allowed."""
    status = member.status if member else None
    if status != target and (status, target) not in TRANSITIONS:
        return f"{f'Status {status}' if status else 'A person without a record here'} can't become {target}."
    if verbs and klass.is_archived:
        return Class.Archived.message
    if member and member.role != role and target != APPROVED:
        return "Only the role of an APPROVED member can change."
    roles = {role, member.role} if member and "approve" in verbs else {role}
    if verbs and target == APPROVED and user.is_student and ClassRole.TEACHER in roles:
        return Membership.StudentCannotTeach.message
    return ""


def _staff_refusal(user: User, role: str, verbs: tuple[str, ...], by: Actor) -> str:
    """The reason why this member of staff may not let this person into a class; empty if they may."""
    try:
        if GIVES_A_PLACE.intersection(verbs):
            refuse_place(user, role, by)
    except Conflict as refusal:
        return refusal.message
    return ""


def _summary(member: Membership | None, role: str, target: str) -> str:
    if member is None:
        return role
    changes = [(member.status, target), (member.role, role)]
    return "; ".join(f"{before} → {after}" for before, after in changes if before != after)


def _keep_a_teacher(result: Plan) -> None:
    """Refuse rows that would leave a class without an active teacher."""
    works = [(step, step.work) for step in result.of(ADD) + result.of(CHANGE)]
    losing = {work.klass.pk for _, work in works if work.taught and not work.teaches}
    teachers = Counter(Membership.objects.active_teachers().filter(klass__in=losing).values_list("klass_id", flat=True))
    teachers.update(dict.fromkeys(losing, 0))
    for _, work in works:
        teachers[work.klass.pk] += work.teaches - work.taught
    for step, work in works:
        if work.taught and not work.teaches and teachers[work.klass.pk] < 1:
            result.steps.remove(step)
            result.problems.append(Problem(step.line, step.label, Membership.LastTeacher.message))


# Writing


def write(plan: Plan, by: Actor) -> Iterator[int]:
    of_class: dict[Class, list[Work]] = defaultdict(list)
    for step in plan.of(ADD) + plan.of(CHANGE):
        of_class[step.work.klass].append(step.work)
    for klass in sorted(of_class, key=lambda klass: klass.pk):
        for verb in VERBS:
            for works in in_batches([work for work in of_class[klass] if verb in work.verbs]):
                _run(verb, klass, works, by)
                yield len(works)


def _run(verb: str, klass: Class, works: list[Work], by: Actor) -> None:
    people = [work.user.pk for work in works]
    members = Membership.objects
    if verb == "enrol":
        members.enrol_many(klass, [Newcomer(work.user, work.role) for work in works], by)
    elif verb.startswith("make "):
        members.change_roles(klass, people, works[0].role, by)
    else:
        move = {"approve": members.approve, "reject": members.reject, "reopen": members.reopen}
        move.get(verb, members.remove_many)(klass, people, by)


ROSTERS = Planner(COLUMNS, plan, write)
