"""Kinds of imports: the columns of their files, and the parts that write what is in them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tutorarc.imports import canvas, oneroster
from tutorarc.imports.archives import read_tables
from tutorarc.imports.arrange import PEOPLE, Arrange, Parts, arrange_classes, arrange_people, arrange_rosters
from tutorarc.imports.columns import CLASSES, PERSON, ROSTER, Field, Match, match, plain, rows
from tutorarc.imports.decoding import Unreadable
from tutorarc.imports.people import PEOPLE as PEOPLE_PLANNER
from tutorarc.imports.plans import Planner
from tutorarc.imports.tables import Table

FORMATS: tuple[Any, ...] = (oneroster, canvas)


class Kind(NamedTuple):
    """`needed` names the columns without which a file can't be read, each with its alternatives."""

    name: str
    title: str
    fields: tuple[Field, ...]
    needed: tuple[tuple[str, ...], ...]
    arrange: Arrange
    template: tuple[tuple[str, ...], ...]  # names of columns, and rows of an example


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "people",
            "Import people",
            PERSON,
            (("email",),),
            arrange_people,
            (
                ("email", "first_name", "last_name", "global_role", "external_id", "is_active"),
                ("amy@example.org", "Amy", "Adams", "STUDENT", "4711", "1"),
                ("tom@example.org", "Tom", "Turner", "TEACHER", "", "1"),
            ),
        ),
        Kind(
            "classes",
            "Import classes",
            CLASSES,
            (("title",),),
            arrange_classes,
            (
                ("title", "class_external_id", "teacher", "teacher_name", "email", "first_name", "last_name"),
                ("Algebra 1", "ALG-1", "tom@example.org", "Tom Turner", "amy@example.org", "Amy", "Adams"),
                ("Algebra 1", "ALG-1", "tom@example.org", "Tom Turner", "ben@example.org", "Ben", "Brown"),
            ),
        ),
        Kind(
            "rosters",
            "Import rosters",
            ROSTER,
            (("class",), ("email", "external_id")),
            arrange_rosters,
            (
                ("class", "email", "first_name", "last_name", "role"),
                ("ALGE-7P4X", "amy@example.org", "Amy", "Adams", "STUDENT"),
                ("Chemistry 2", "tom@example.org", "Tom", "Turner", "TEACHER"),
            ),
        ),
    )
}
PLANNERS: dict[str, Planner] = {PEOPLE: PEOPLE_PLANNER}


def register_planner(part: str, planner: Planner) -> None:
    """Let an app write its part of the imports."""
    PLANNERS[part] = planner


class Reading(NamedTuple):
    """A file as it was read: its parts, or None if somebody has to choose what its columns are."""

    format: str
    tables: list[Table]
    parts: Parts | None
    matched: Match | None
    missing: list[str]
    notes: list[str]


def read_upload(kind: Kind, data: bytes, name: str, chosen: Sequence[str] = ()) -> Reading:
    """Read a file of this kind, or of another system. Raises Unreadable."""
    wanted = [part for source in FORMATS for part in source.FILES]
    tables = read_tables(data, name, wanted)
    notes = [note if len(tables) == 1 else f"{table.name}: {note}" for table in tables for note in table.notes]
    for source in FORMATS:
        if not chosen and (files := _files_of(source, tables)):
            parts: Parts = source.arrange(files)
            notes.append(f"This is a file of {source.NAME}, and was read as that.")
            return Reading(source.NAME, tables, parts, None, [], notes)
    if len(tables) > 1:
        raise Unreadable("The files in this zip file are of no known system. Choose one CSV file.")
    return _of_kind(kind, tables, notes, chosen)


def _of_kind(kind: Kind, tables: list[Table], notes: list[str], chosen: Sequence[str]) -> Reading:
    [table] = tables
    matched = match(table.header, kind.fields, chosen)
    missing = [_labels(kind, group) for group in matched.missing(kind.needed)]
    if missing:
        return Reading(kind.name, tables, None, matched, missing, notes)
    parts = kind.arrange(rows(table, matched.fields))
    if matched.unknown:
        notes = [*notes, f"Columns that are not imported: {', '.join(matched.unknown)}."]
    return Reading(kind.name, tables, parts, matched, [], notes)


def _labels(kind: Kind, group: Sequence[str]) -> str:
    return " or ".join(field.label for field in kind.fields if field.name in group)


def _files_of(source: Any, tables: Sequence[Table]) -> Mapping[str, list[Any]]:
    """The rows of each file of another system; none if a table isn't one of them."""
    found = {}
    for table in tables:
        header = [plain(name) for name in table.header]
        fitting = [part for part, needed in source.FILES.items() if needed <= set(header)]
        if not fitting:
            return {}
        part = next((part for part in fitting if plain(table.name).startswith(part)), fitting[0])
        found[part] = rows(table, header)
    return found
