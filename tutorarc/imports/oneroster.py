"""OneRoster 1.1 and 1.2: users.csv, roles.csv, classes.csv and enrollments.csv, alone or in one zip file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tutorarc.imports.arrange import MARKED_FOR_DELETION, Parts, changed
from tutorarc.imports.columns import Row
from tutorarc.imports.schools import ROLES, School
from tutorarc.imports.words import state_word

NAME = "OneRoster"
# Columns, written as `plain` writes them, that tell which file of the format it is.
FILES = {
    "users": {"sourcedid", "givenname", "familyname"},
    "roles": {"sourcedid", "usersourcedid", "roletype"},
    "classes": {"sourcedid", "title", "classtype"},
    "enrollments": {"sourcedid", "classsourcedid", "usersourcedid", "role"},
}


def arrange(files: Mapping[str, Sequence[Row]]) -> Parts:
    """The parts, from rows with the columns of the format."""
    users, classes, enrolments = (files.get(name, ()) for name in ("users", "classes", "enrollments"))
    school = School(
        {row.cells.get("sourcedid", ""): _email(row) for row in users},
        {row.cells.get("sourcedid", ""): row.cells.get("title", "") for row in classes},
        _teachers(enrolments),
    )
    parts = Parts(_people(users, _roles(files.get("roles", ())), school))
    parts.classes = [school.class_row(row, row.cells.get("sourcedid", ""), _reported(row)) for row in classes]
    for row in enrolments:
        key, person = row.cells.get("classsourcedid", ""), row.cells.get("usersourcedid", "")
        if school.is_enrolment(row.cells.get("role", ""), key, person):
            parts.members.append(school.enrolment_row(row, key, person, _reported(row)))
    parts.notes = school.notes()
    return parts


def _people(rows: Sequence[Row], roles: Mapping[str, str], school: School) -> list[Row]:
    people = []
    for row in rows:
        role = row.cells.get("role") or roles.get(row.cells.get("sourcedid", ""), "")
        if role and role.lower() not in ROLES:
            school.leave_out(f"{role} among the people")
        else:
            people.append(_person(row, ROLES.get(role.lower(), "")))
    return people


def _person(row: Row, role: str) -> Row:
    names = [row.cells.get(f"preferred{name}") or row.cells.get(name, "") for name in ("givenname", "familyname")]
    return changed(
        row,
        email=_email(row),
        display_name=" ".join(name for name in names if name),
        global_role=role,
        external_id=row.cells.get("sourcedid", ""),
        is_active=state_word(row.cells.get("enableduser", "")) or "",
        reported=_reported(row),
    )


def _roles(rows: Sequence[Row]) -> dict[str, str]:
    """The role of each user: the primary one, or else the first."""
    backwards = [row for row in reversed(rows) if not _reported(row)]
    first_last = sorted(backwards, key=lambda row: row.cells.get("roletype", "").lower() == "primary")
    return {row.cells.get("usersourcedid", ""): row.cells.get("role", "") for row in first_last}


def _teachers(rows: Sequence[Row]) -> dict[str, list[str]]:
    """The ids of the teachers of each class, the primary one first."""
    found: dict[str, list[str]] = defaultdict(list)
    teaching = [row for row in rows if row.cells.get("role", "").lower() == "teacher" and not _reported(row)]
    for row in sorted(teaching, key=lambda row: row.cells.get("primary", "").lower() != "true"):
        found[row.cells.get("classsourcedid", "")].append(row.cells.get("usersourcedid", ""))
    return found


def _email(row: Row) -> str:
    username = row.cells.get("username", "")
    return row.cells.get("email") or (username if "@" in username else "")


def _reported(row: Row) -> str:
    return MARKED_FOR_DELETION if row.cells.get("status", "").lower() == "tobedeleted" else ""
