"""The parts of an import: which rows are people, which classes, and which put somebody into a class."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tutorarc.domain.folding import folded
from tutorarc.imports.columns import Row
from tutorarc.imports.people import row_email
from tutorarc.imports.words import TEACHER, role_word, state_word

PEOPLE, CLASSES, MEMBERS = "people", "classes", "members"
PARTS = (PEOPLE, CLASSES, MEMBERS)  # in the order in which they are written
MARKED_FOR_DELETION = "marked for deletion in the file: nothing is deleted here"
ADDRESSES = re.compile(r"[\s,;|]+")


@dataclass
class Parts:
    """Rows of each part, and notes on what was left out."""

    people: list[Row] = field(default_factory=list)
    classes: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def rows(self, part: str) -> list[Row]:
        rows: list[Row] = getattr(self, part)
        return rows


Arrange = Callable[[Sequence[Row]], Parts]


def changed(row: Row, *, problem: str = "", **cells: str) -> Row:
    """The row with other cells; empty ones are left out."""
    return row._replace(cells={name: text for name, text in cells.items() if text}, problem=row.problem or problem)


def name_in(row: Row, prefix: str = "") -> str:
    """The display name, or first and last name together."""
    parts = [row.cells.get(f"{prefix}{name}", "") for name in ("first_name", "last_name")]
    return row.cells.get(f"{prefix}display_name", "") or " ".join(part for part in parts if part)


def arrange_people(rows: Sequence[Row]) -> Parts:
    return Parts(people=[_person(row) for row in rows])


def _person(row: Row) -> Row:
    state = state_word(row.cells.get("is_active", ""))
    return changed(
        row,
        email=row.cells.get("email", ""),
        display_name=name_in(row),
        global_role=role_word(row.cells.get("global_role", "")),
        external_id=row.cells.get("external_id", ""),
        is_active=state or "",
        problem=f"“{row.cells['is_active']}” is neither yes nor no." if state is None else "",
    )


def arrange_rosters(rows: Sequence[Row]) -> Parts:
    """Also the people whose names the rows give, who are added if they aren't here."""
    newcomers = Newcomers()
    for row in rows:
        newcomers.add(row, name_in(row), role_word(row.cells.get("role", "")))
    return Parts(newcomers.rows, members=[_place(row) for row in rows])


def _place(row: Row) -> Row:
    names = ("class", "email", "status", "external_id")
    kept = {name: row.cells.get(name, "") for name in names}
    if kept["email"]:
        kept["external_id"] = ""
    return changed(row, role=role_word(row.cells.get("role", "")), **kept)


class Newcomers:
    """People that rows name, once each: they are added, and those who are here already stay as they are."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._known: dict[str, int] = {}

    def add(self, row: Row, name: str, role: str) -> None:
        """A row without an address or a name adds nobody. Who teaches in one row is a teacher."""
        email = row_email(row)
        if not email or not name or row.problem:
            return
        external_id = row.cells.get("external_id", "")
        given = "TEACHER" if role == TEACHER else ""
        new = changed(row, email=email, display_name=name, global_role=given, external_id=external_id, only_add="1")
        if email not in self._known:
            self._known[email] = len(self.rows)
            self.rows.append(new)
        elif given:
            self.rows[self._known[email]].cells["global_role"] = given


def arrange_classes(rows: Sequence[Row]) -> Parts:
    """A class in one row or in several, with its teachers, and its students: one in each row, or a list in a cell."""
    parts, newcomers = Parts(), Newcomers()
    first: dict[str, Row] = {}
    for row in rows:
        key = row.cells.get("class_external_id") or folded(row.cells.get("title", ""))
        if key not in first or row.problem:
            first.setdefault(key, row)
            parts.classes.append(_class(row, key))
        teachers = split_addresses(row.cells.get("teacher", ""))
        for email in teachers:
            newcomers.add(row._replace(cells={"email": email}), name_in(row, "teacher_"), TEACHER)
        if first[key] is row:
            parts.members += [_enrolment(row, key, TEACHER, email) for email in teachers[1:]]
        parts.members += _students(row, key, newcomers)
    parts.people = newcomers.rows
    return parts


def _class(row: Row, key: str) -> Row:
    given = {name: row.cells.get(name, "") for name in ("title", "description")}
    teacher = next(iter(split_addresses(row.cells.get("teacher", ""))), "")
    return changed(row, key=key, external_id=row.cells.get("class_external_id", ""), teacher=teacher, **given)


def _students(row: Row, key: str, newcomers: Newcomers) -> list[Row]:
    role = role_word(row.cells.get("role", ""))
    newcomers.add(row, name_in(row), role)
    listed = split_addresses(row.cells.get("students", ""))
    enrolments = [_enrolment(row, key, "", email) for email in listed]
    if row.cells.get("email"):
        enrolments.append(_enrolment(row, key, role, row.cells["email"]))
    return enrolments


def _enrolment(row: Row, key: str, role: str, email: str) -> Row:
    return changed(row, **{"class": key}, class_label=row.cells.get("title", ""), role=role, email=email)


def split_addresses(text: str) -> list[str]:
    """Addresses of a cell that holds several, separated by blanks, commas, semicolons or bars."""
    return list(dict.fromkeys(part for part in ADDRESSES.split(text) if part))
