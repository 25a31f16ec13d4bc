"""Import of classes: adds new ones with their first teacher, and updates title, description and external id."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from classes.models import Class
from tutorarc.domain.errors import DomainError
from tutorarc.domain.events import Actor
from tutorarc.domain.folding import folded
from tutorarc.domain.text_fields import cleaned
from tutorarc.imports.columns import Row
from tutorarc.imports.people import ONLY_ADD, People
from tutorarc.imports.plans import ADD, CHANGE, KEEP, Plan, Planner, Record, Step, Terms, in_batches
from tutorarc.models import User

NO_TEACHER = "A new class needs a teacher: add a column with the e-mail address of one."
UNKNOWN_TEACHER = "No person has the address {email}. Import people first, or add a column with the teacher’s name."
STUDENT_TEACHER = "The teacher {email} has the global role STUDENT."
SEVERAL = "{count} active classes have this title. Give their external id, or change one of the titles."


class Work(NamedTuple):
    """A class to add, whose `pk` is "", or an existing one with its new values."""

    pk: str
    klass: Class | None
    teacher: User | None
    values: dict[str, Any]


class _Found:
    """Existing classes and teachers that rows name."""

    def __init__(self, rows: Sequence[Row], terms: Terms) -> None:
        self._terms = terms
        self._people = People([_teacher_row(row) for row in rows])
        classes: QuerySet[Class] = Class.objects.order_by("pk")
        self._rows = classes.select_for_update(no_key=True) if terms.lock else classes
        self._by_title: dict[str, list[Class]] = defaultdict(list)
        self._by_external_id: dict[str, list[Class]] = defaultdict(list)
        for some in in_batches(rows):
            self._read(some)

    def _read(self, rows: Sequence[Row]) -> None:
        titles = {folded(row.cells.get("title", "")) for row in rows} - {""}
        external_ids = {row.cells.get("external_id", "") for row in rows} - {""}
        of_title = Q(folded_title__in=titles, status=Class.Status.ACTIVE)
        for klass in self._rows.filter(of_title | Q(external_id__in=external_ids)):
            self._by_title[klass.folded_title].append(klass)
            self._by_external_id[klass.external_id or ""].append(klass)

    def classes(self, row: Row) -> list[Class]:
        """Those with the external id, or else with the title and without another external id."""
        key = row.cells.get("external_id", "")
        same_title = [
            klass for klass in self._by_title.get(folded(row.cells.get("title", "")), []) if not klass.is_archived
        ]
        if not key:
            return same_title
        return self._by_external_id.get(key) or [klass for klass in same_title if klass.external_id is None]

    def teacher(self, row: Row) -> User | None:
        """The first teacher, also one whom the file adds before."""
        named = _teacher_row(row)
        email = named.cells.get("email", "")
        role = self._terms.coming_people.get(email)
        return self._people.of(named) or (User(email=email, global_role=role) if role else None)


def _teacher_row(row: Row) -> Row:
    """The row of the teacher, as of a person."""
    email, key = row.cells.get("teacher", "").lower(), row.cells.get("teacher_external_id", "")
    return row._replace(cells={"email": email} if email else {"external_id": key})


def plan(rows: Sequence[Row], terms: Terms) -> Plan:
    """Plan the import. Empty cells change nothing, and no class is removed or gets another teacher."""
    result, found = Plan(), _Found(rows, terms)
    for row in rows:
        label, classes = row.cells.get("title") or row.cells.get("external_id", ""), found.classes(row)
        if row.problem:
            result.refuse(row, label, row.problem)
        elif len(classes) > 1:
            result.refuse(row, label, SEVERAL.format(count=len(classes)))
        elif reported := row.cells.get("reported"):
            work = Work(classes[0].pk, classes[0], None, {}) if classes else None
            result.steps.append(Step(row, label, KEEP, reported, work))
        elif classes:
            _plan_change(result, row, label, classes[0], terms)
        else:
            _plan_addition(result, row, label, found.teacher(row), terms)
    return result


def _plan_addition(result: Plan, row: Row, label: str, teacher: User | None, terms: Terms) -> None:
    try:
        values = cleaned(Class, {name: row.cells.get(name, "") for name in ("title", "description", "external_id")})
    except ValidationError as error:
        result.refuse(row, label, " ".join(f"{name}: {' '.join(why)}" for name, why in error.message_dict.items()))
        return
    if reason := _refused_teacher(row, teacher, terms.by):
        result.refuse(row, label, reason)
    else:
        summary = f"taught by {teacher.email}" if teacher else ""
        result.steps.append(Step(row, label, ADD, summary, Work("", None, teacher, values)))


def _refused_teacher(row: Row, teacher: User | None, by: Actor) -> str:
    if teacher is None:
        email = row.cells.get("teacher", "")
        return UNKNOWN_TEACHER.format(email=email) if email else NO_TEACHER
    if teacher.is_student:
        return STUDENT_TEACHER.format(email=teacher.email)
    if not teacher.is_active:
        return User.NotActive.message
    try:
        teacher.refuse_teacher_role(by)
    except DomainError as refusal:
        return refusal.message
    return ""


def _plan_change(result: Plan, row: Row, label: str, klass: Class, terms: Terms) -> None:
    given = {name: row.cells[name] for name in ("title", "description", "external_id") if row.cells.get(name)}
    try:
        values = cleaned(Class, given)
    except ValidationError as error:
        result.refuse(row, label, " ".join(error.messages))
        return
    differing = {name: value for name, value in values.items() if getattr(klass, name) != value}
    work = Work(klass.pk, klass, None, differing)
    if not differing:
        result.steps.append(Step(row, label, KEEP, "", work))
    elif not terms.may_update:
        result.steps.append(Step(row, label, KEEP, ONLY_ADD, work))
    else:
        summary = "; ".join(
            f"{name.replace('_', ' ')}: {getattr(klass, name) or '–'} → {value}" for name, value in differing.items()
        )
        result.steps.append(Step(row, label, CHANGE, summary, work))


def write(steps: Sequence[Step], by: Actor) -> list[Record]:
    """Write the steps, each class by itself, as each takes a code of its own."""
    written = []
    for step in steps:
        work: Work = step.work
        klass = _changed(work.klass, work.values, by) if work.klass else _created(work, by)
        written.append(Record("classes.class", klass.pk, str(klass), step.row.cells.get("key", "")))
    return written


def _created(work: Work, by: Actor) -> Class:
    texts = {name: work.values[name] for name in ("title", "description")}
    klass = Class.objects.create_with_teacher(by, teacher=work.teacher, **texts)
    external_id = work.values["external_id"]
    return klass.change_settings(by, external_id=external_id) if external_id else klass


def _changed(klass: Class, values: dict[str, Any], by: Actor) -> Class:
    texts = {name: value for name, value in values.items() if name != "external_id"}
    klass = klass.edit(by, **texts) if texts else klass
    return klass.change_settings(by, external_id=values["external_id"]) if "external_id" in values else klass


CLASSES = Planner("classes", plan, write, ("classes.add_class", "classes.change_class"), batch=50)
