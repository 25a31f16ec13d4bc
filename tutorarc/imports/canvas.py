"""Canvas SIS files: users.csv, courses.csv, sections.csv and enrollments.csv, alone or in one zip file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from tutorarc.imports.arrange import MARKED_FOR_DELETION, Parts, changed
from tutorarc.imports.columns import Row
from tutorarc.imports.schools import School
from tutorarc.imports.words import TEACHER

NAME = "Canvas"
FILES = {
    "users": {"userid", "loginid", "status"},
    "courses": {"courseid", "shortname", "longname"},
    "sections": {"sectionid", "courseid", "name"},
    "enrollments": {"courseid", "userid", "role", "status"},
}
NOT_CURRENT = "not active in the file: stays as it is"


def arrange(files: Mapping[str, Sequence[Row]]) -> Parts:
    """The parts, from rows with the columns of the format. A class here is a course there."""
    users, courses, enrolments = (files.get(name, ()) for name in ("users", "courses", "enrollments"))
    sections = {row.cells.get("sectionid", ""): row.cells.get("courseid", "") for row in files.get("sections", ())}
    emails = {row.cells.get("userid", ""): _email(row) for row in users}
    titles = {
        row.cells.get("courseid", ""): row.cells.get("longname") or row.cells.get("shortname", "") for row in courses
    }
    teachers = _teachers(enrolments, sections)
    school = School(emails, titles, teachers)
    teaching = {teacher for some in teachers.values() for teacher in some}
    parts = Parts([_person(row, teaching) for row in users])
    parts.classes = [school.class_row(row, row.cells.get("courseid", ""), _reported(row)) for row in courses]
    for row in enrolments:
        key, person = _course(row, sections), row.cells.get("userid", "")
        if school.is_enrolment(row.cells.get("role", ""), key, person):
            parts.members.append(school.enrolment_row(row, key, person, "" if _is_active(row) else NOT_CURRENT))
    parts.notes = school.notes()
    return parts


def _teachers(enrolments: Sequence[Row], sections: Mapping[str, str]) -> dict[str, list[str]]:
    """The ids of the teachers of each course."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in enrolments:
        if row.cells.get("role", "").lower() == "teacher" and _is_active(row):
            found[_course(row, sections)].append(row.cells.get("userid", ""))
    return found


def _person(row: Row, teaching: set[str]) -> Row:
    names = " ".join(filter(None, (row.cells.get("firstname"), row.cells.get("lastname"))))
    return changed(
        row,
        email=_email(row),
        display_name=row.cells.get("fullname") or names or row.cells.get("shortname", ""),
        global_role=TEACHER if row.cells.get("userid", "") in teaching else "",
        external_id=row.cells.get("userid", ""),
        is_active={"active": "1", "suspended": "0"}.get(row.cells.get("status", "").lower(), ""),
        reported=_reported(row),
    )


def _course(row: Row, sections: Mapping[str, str]) -> str:
    return row.cells.get("courseid") or sections.get(row.cells.get("sectionid", ""), "")


def _email(row: Row) -> str:
    login = row.cells.get("loginid", "")
    return row.cells.get("email") or (login if "@" in login else "")


def _reported(row: Row) -> str:
    return MARKED_FOR_DELETION if row.cells.get("status", "").lower() == "deleted" else ""


def _is_active(row: Row) -> bool:
    return row.cells.get("status", "").lower() in ("active", "")
