"""Import of rosters: enrols or approves people, and changes role or status as the file says."""

from collections import defaultdict
from collections.abc import Sequence

from classes import codes
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.batch_errors import Newcomer
from members.models import Membership
from members.roster_places import STUDENT_NOW, TEACHER_NOW, Place, Records, Work, class_text
from members.roster_rules import keep_a_teacher, keep_to_capacity
from members.staff_rules import GIVES_A_PLACE, refuse_place
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.imports.columns import Row
from tutorarc.imports.people import ONLY_ADD, row_email
from tutorarc.imports.plans import ADD, CHANGE, KEEP, Plan, Planner, Record, Step, Terms, in_batches
from tutorarc.models import User

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
# In the order of execution. New teachers give up their seats before others are enrolled.
VERBS = ("reopen", "approve", "make teacher", "enrol", "make student", "reject", "remove")


def plan(rows: Sequence[Row], terms: Terms) -> Plan:
    """Plan the import. An empty role changes nothing, and nobody is removed."""
    result, found = Plan(), Records(rows, terms)
    first_lines: dict[tuple[str, str], int] = {}
    for row in rows:
        label = (
            f"{row_email(row) or row.cells.get('external_id', '')} in {row.cells.get('class_label') or class_text(row)}"
        )
        place = found.place(row)
        if row.problem:
            result.refuse(row, label, row.problem)
        elif reported := row.cells.get("reported"):
            result.steps.append(Step(row, label, KEEP, reported))
        elif isinstance(place, str):
            result.refuse(row, label, place)
        elif (first := first_lines.setdefault(_key(place, row), row.line)) != row.line:
            result.refuse(row, label, f"The same person and class as in line {first}.")
        else:
            _plan_row(result, row, label, place, terms)
    keep_a_teacher(result)
    keep_to_capacity(result)
    return result


def _key(place: Place, row: Row) -> tuple[str, str]:
    return place.klass.pk if place.klass else class_text(row), place.user.email


# Planning a row


def _plan_row(result: Plan, row: Row, label: str, place: Place, terms: Terms) -> None:
    """Add a row to the plan, as a step or as a problem."""
    member, requested = place.member, row.cells.get("status", "").upper()
    role = row.cells.get("role", "").upper() or (member.role if member else ClassRole.STUDENT)
    target = requested or APPROVED
    if member and not terms.may_update:
        differs = (role, target) != (member.role, member.status)
        result.steps.append(Step(row, label, KEEP, ONLY_ADD if differs else ""))
    elif not requested and place.status in (REJECTED, REMOVED):
        summary = f"stays {place.status}: the status APPROVED would let them in again"
        result.steps.append(Step(row, label, KEEP, summary))
    else:
        _plan_change(result, row, label, place, role, target, terms.by)


def _plan_change(result: Plan, row: Row, label: str, place: Place, role: str, target: str, by: Actor) -> None:
    """Add the row that gives the person this role and status. If they have both, that is no change."""
    _, user, member = place
    verbs = _verbs(place.status, target) + _role_verb(member, role)
    if reason := (
        _invalid_value(role, target) or _refusal(place, role, target, verbs) or _staff_refusal(user, role, verbs, by)
    ):
        result.refuse(row, label, reason)
        return
    will_teach = user.can_teach and (role, target) == TEACHER_NOW
    outcome = ADD if member is None else CHANGE if verbs else KEEP
    warning = "This is you." if verbs and by.user == user else ""
    work = Work(place, role, verbs, will_teach, (role, target) == STUDENT_NOW)
    result.steps.append(Step(row, label, outcome, _summary(member, role, target), work, warning))


def _verbs(status: str | None, target: str) -> tuple[str, ...]:
    return () if status == target else TRANSITIONS.get((status, target), ())


def _role_verb(member: Membership | None, role: str) -> tuple[str, ...]:
    return () if member is None or member.role == role else (f"make {role.lower()}",)


def _invalid_value(role: str, target: str) -> str:
    for value, known in ((role, ClassRole), (target, MembershipStatus)):
        if value not in known.values:
            return f"“{value}” is none of {', '.join(known.values)}."
    return ""


def _refusal(place: Place, role: str, target: str, verbs: tuple[str, ...]) -> str:
    """The reason why the change would be refused; empty if it is allowed."""
    (klass, user, member), status = place, place.status
    if status != target and (status, target) not in TRANSITIONS:
        return f"{f'Status {status}' if status else 'A person without a record here'} can't become {target}."
    if verbs and klass and klass.is_archived:
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


# Writing


def write(steps: Sequence[Step], by: Actor) -> list[Record]:
    """Write the steps, class by class. Each verb takes a batch of people."""
    of_class: dict[Class, list[Step]] = defaultdict(list)
    for step in steps:
        if step.work and step.work.verbs:
            of_class[step.work.place.klass].append(step)
    for klass in sorted(of_class, key=lambda klass: klass.pk):
        works = [step.work for step in of_class[klass]]
        for verb in VERBS:
            for batch in in_batches([work for work in works if verb in work.verbs]):
                _run(verb, klass, batch, by)
    return [Record("classes.class", klass.pk, str(klass)) for klass in of_class]


def _run(verb: str, klass: Class, works: list[Work], by: Actor) -> None:
    people = [work.place.user.pk for work in works]
    members = Membership.objects
    if verb == "enrol":
        members.enrol_many(klass, [Newcomer(work.place.user, work.role) for work in works], by)
    elif verb.startswith("make "):
        members.change_roles(klass, people, works[0].role, by)
    elif verb == "approve":
        _approve(klass, works, by)
    else:
        move = {"reject": members.reject, "reopen": members.reopen}
        move.get(verb, members.remove_many)(klass, people, by)


def _approve(klass: Class, works: list[Work], by: Actor) -> None:
    """Those who become teachers need no seat. They come last, because they count as students until then."""
    for become_teachers in (False, True):
        some = [work.place.user.pk for work in works if ("make teacher" in work.verbs) is become_teachers]
        if some:
            Membership.objects.approve(klass, some, by, become_teachers=become_teachers)


def group(row: Row) -> str:
    """The class, so that one teacher can take another's place."""
    text = class_text(row)
    return codes.cleaned(text) or text


MEMBERS = Planner("memberships", plan, write, ("members.add_membership", "members.change_membership"), group)
