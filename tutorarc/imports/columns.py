"""What the columns of a file are: their names in the spellings of spreadsheets, other systems and some languages."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from tutorarc.imports.decoding import Unreadable
from tutorarc.imports.tables import Table, cell_value

IGNORED = "-"  # chosen for a column that is not imported


class Field(NamedTuple):
    """What a column can hold. `names` are spellings of its name, the likeliest first."""

    name: str
    label: str
    names: tuple[str, ...] = ()


def _field(name: str, label: str, names: str = "") -> Field:
    """`names` are separated by commas, in any spelling. Both the name and the label are among them."""
    spelled = [plain(one) for one in (name, label, *names.split(",")) if plain(one)]
    return Field(name, label, tuple(dict.fromkeys(spelled)))


def plain(name: str) -> str:
    """A column's name without case, accents, blanks, dashes and additions such as “[Required]”."""
    letters = unicodedata.normalize("NFKD", re.sub(r"\[[^\]]*\]|\([^)]*\)", "", name)).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


EMAIL = _field(
    "email",
    "E-mail address",
    "mail, e-mail, primary email, user email, email 1, google email, e-mail-adresse, mailadresse, courriel, "
    "adresse e-mail, adresse de courriel, adresse électronique, adresse mail, correo, correo electrónico, "
    "dirección de correo electrónico, "
    "dirección de correo, student email, student e-mail address, learner email, login id, username",
)
DISPLAY_NAME = _field(
    "display_name",
    "Name",
    "full name, student name, student, person, short name, vollständiger name, anzeigename, nom complet, "
    "nom et prénom, nombre completo, nombre y apellidos",
)
FIRST_NAME = _field(
    "first_name",
    "First name",
    "given name, forename, student first name, first, vorname, rufname, prénom, prénoms, nombre, nombres, "
    "nombre de pila",
)
LAST_NAME = _field(
    "last_name",
    "Last name",
    "family name, surname, student last name, last, nachname, familienname, zuname, nom, nom de famille, apellido, "
    "apellidos",
)
GLOBAL_ROLE = _field("global_role", "Global role", "role, user role, rolle, rôle, rol, user type, type")
EXTERNAL_ID = _field(
    "external_id",
    "External id",
    "sourced id, sis id, sis user id, user id, student id, student number, person id, employee id, schülernummer, "
    "numéro d’élève, matrícula",
)
IS_ACTIVE = _field("is_active", "Active", "status, state, enabled, enabled user, aktiv, actif, activo")
PERSON = (EMAIL, DISPLAY_NAME, FIRST_NAME, LAST_NAME, GLOBAL_ROLE, EXTERNAL_ID, IS_ACTIVE)

CLASS = _field(
    "class",
    "Class",
    "class code, class id, code, course, course code, section, class title, class name, course name, class sourced id, "
    "course id, section id, klasse, kurs, classe, cours, clase, curso",
)
CLASS_ROLE = _field("role", "Role", "class role, rolle, rôle, rol")
STATUS = _field("status", "Status")
ROSTER = (CLASS, EMAIL, DISPLAY_NAME, FIRST_NAME, LAST_NAME, CLASS_ROLE, STATUS, EXTERNAL_ID)

CLASSES = (
    _field(
        "title",
        "Title",
        "class title, class, class name, course, course title, titel, klasse, kurs, titre, classe, cours, "
        "título, clase, curso",
    ),
    _field(
        "class_external_id",
        "External id of the class",
        "external id, class id, class sourced id, course id, section id",
    ),
    _field("description", "Description", "beschreibung, descripción"),
    _field(
        "teacher",
        "Teacher’s e-mail address",
        "teacher email, teachers, tutor, tutor email, instructor, instructor email, "
        "lehrer, lehrer e-mail, lehrkraft, professeur, enseignant, profesor, docente",
    ),
    _field("teacher_display_name", "Teacher’s name", "teacher name, tutor name, name of the teacher"),
    _field("teacher_first_name", "Teacher’s first name", "tutor first name"),
    _field("teacher_last_name", "Teacher’s last name", "tutor last name"),
    _field("students", "Students’ e-mail addresses", "student emails, student list"),
    EMAIL._replace(label="Student’s e-mail address", names=(*EMAIL.names, "student", "members", "schüler")),
    DISPLAY_NAME._replace(
        label="Student’s name", names=tuple(name for name in DISPLAY_NAME.names if name != "student")
    ),
    FIRST_NAME,
    LAST_NAME,
    EXTERNAL_ID._replace(
        label="Student’s external id", names=tuple(name for name in EXTERNAL_ID.names if name != "externalid")
    ),
    CLASS_ROLE,
)


class Match(NamedTuple):
    """The field of each column, None for those that are not imported, and which columns that are."""

    fields: list[str | None]
    unknown: list[str]

    def missing(self, needed: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Those of the needed fields of which the file has none, each with its alternatives."""
        return [group for group in needed if not any(name in self.fields for name in group)]


def match(header: Sequence[str], fields: Sequence[Field], chosen: Sequence[str] = ()) -> Match:
    """Find what the columns are: as somebody chose, or else by their names. Of two for one field the likelier counts.

    Raises Unreadable if two columns have the same name, or were chosen to be the same.
    """
    if len(chosen) == len(header):
        known = {field.name for field in fields}
        found: list[str | None] = [name if name in known else None for name in chosen]
    else:
        found = _by_name(header, fields)
    twice = {name for name in found if name and found.count(name) > 1}
    if twice:
        labels = [field.label for field in fields if field.name in twice]
        raise Unreadable(*(f"The column “{label}” is there twice." for label in labels))
    return Match(found, [name for name, field in zip(header, found, strict=True) if field is None and name])


def _by_name(header: Sequence[str], fields: Sequence[Field]) -> list[str | None]:
    names = [plain(name) for name in header]
    found: list[str | None] = [None] * len(names)
    for field in fields:
        ranks = [field.names.index(name) if name in field.names else None for name in names]
        free = [rank for rank, taken in zip(ranks, found, strict=True) if rank is not None and not taken]
        for index, rank in enumerate(ranks):
            if free and rank == min(free) and not found[index]:
                found[index] = field.name
    return found


class Row(NamedTuple):
    """A row with its first line number. `problem` says why its cells can't be used, if so."""

    line: int
    cells: dict[str, str]
    problem: str = ""
    file: str = ""


def rows(table: Table, fields: Sequence[str | None]) -> list[Row]:
    """The rows, with the cells of the columns that are imported."""
    return [_row(table, line, cells, fields) for line, cells in table.rows]


def _row(table: Table, line: int, cells: list[str], fields: Sequence[str | None]) -> Row:
    values = {name: cell_value(cell) for name, cell in zip(fields, cells, strict=False) if name}
    problem = ""
    if len(cells) != len(fields):
        problem = f"This line has {len(cells)} cells, and the header {len(fields)}."
    return Row(line, values, problem, table.name)
