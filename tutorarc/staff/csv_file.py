"""Reading and writing CSV files: common delimiters, UTF-8, and no cells that a spreadsheet runs as formulas."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Any, NamedTuple

from tutorarc.domain.email import spellings

BOM = "\ufeff"
DELIMITERS = ",;\t"
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?[,;\t]*', re.IGNORECASE)  # which Excel reads, and some programs write
SIGNS = frozenset("=+-@")  # first characters of a formula
DROPPED = ("\t", "\r", "\n")  # ignored by some spreadsheets at the start of a cell
PARTS = re.compile(r"([,;\t\r\n]+)")  # where a spreadsheet may begin a cell
MAX_BYTES = 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_LINES = 5 * MAX_ROWS  # blank ones included
WORKBOOK, UTF_16 = b"PK\x03\x04", (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):
    """The file can't be imported; `reasons` are sentences."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Columns:
    """Columns of a file, by the names in its first line."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()  # columns of exports that imports skip


class Row(NamedTuple):
    """A row with its first line number. `problem` says why its cells can't be used, if so."""

    line: int
    cells: dict[str, str]
    problem: str = ""

    @property
    def email(self) -> str:
        """As addresses are stored, or as it stands there if it is none."""
        typed = self.cells.get("email", "")
        return spellings(typed)[-1]


class Sheet(NamedTuple):
    rows: list[Row]
    ignored: list[str]


def escape_formula(text: str) -> str:
    """Put an apostrophe before each part of a cell that a spreadsheet would run as a formula.

    A spreadsheet that expects another delimiter than the file's begins a cell after it, in the middle of ours.
    """
    start, *others = PARTS.split(text)
    return _escape(text, start) + "".join(part if PARTS.fullmatch(part) else _escape(part, part) for part in others)


def unescape_formula(text: str) -> str:
    """Undo `escape_formula`."""
    start, *others = PARTS.split(text)
    rest = "".join(part if PARTS.fullmatch(part) else _unescape(part, part) for part in others)
    return _unescape(start + rest, start) + rest


def _escape(text: str, part: str) -> str:
    return f"'{part}" if _runs(text.lstrip("'")) else part


def _unescape(text: str, part: str) -> str:
    return part[1:] if part[:1] == "'" and _runs(text.lstrip("'")) else part


def _runs(text: str) -> bool:
    """Whether a spreadsheet runs the text: blanks, invisible characters and quotes before a sign don't prevent it.

    Full-width signs count.
    """
    if text[:1].isalnum():
        return False
    seen = next((letter for letter in text if letter != '"' and unicodedata.category(letter)[0] not in "CZ"), "")
    return text.startswith(DROPPED) or unicodedata.normalize("NFKC", seen) in SIGNS


def read(data: bytes, columns: Columns) -> Sheet:
    """Read a file. Raises Unreadable."""
    text = _decode(data)
    if not text.strip():
        raise Unreadable("The file is empty.")
    if max(text.count("\n"), text.count("\r")) > MAX_LINES:
        raise Unreadable(f"The file has more than {MAX_LINES:,} lines. Delete the blank ones.")
    header, lines = _lines(text)
    if len(header) > MAX_COLUMNS:
        raise Unreadable(f"The first line has {len(header):,} columns, and {MAX_COLUMNS} are the most.")
    # A spreadsheet may save empty columns behind the last one. They have neither names nor cells.
    width = max(_width(header), *(_width(cells) for _, cells in lines), 1)
    names = _names([cell.strip() for cell in header[:width]], columns)
    if not lines:
        raise Unreadable("The file has no row below its header.")
    return Sheet(
        [_row(line, cells[:width], names) for line, cells in lines], [name for name in names if name in columns.ignored]
    )


def _lines(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the other lines that have a cell that isn't blank, with their numbers. Raises Unreadable."""
    first_line = text.splitlines()[0]
    declared = SEPARATOR_LINE.fullmatch(first_line)
    delimiter = declared[1] if declared else max(DELIMITERS, key=first_line.count)
    numbered = _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    if declared:
        next(numbered)
    _, header = next(numbered, (0, []))
    lines = list(islice(((line, cells) for line, cells in numbered if _width(cells)), MAX_ROWS + 1))
    if len(lines) > MAX_ROWS:
        raise Unreadable(f"The file has more than {MAX_ROWS:,} rows. Split it.")
    return header, lines


def _width(cells: list[str]) -> int:
    """The number of cells up to the last that isn't blank."""
    return max((number for number, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _decode(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1024:,} KiB. Split it.")
    if data.startswith(WORKBOOK):
        raise Unreadable("This is an Excel workbook. Save it as “CSV UTF-8”, and choose that file.")
    if data.startswith(UTF_16):
        raise Unreadable("The file is in UTF-16. Save it as “CSV UTF-8”.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Unreadable(f"Line {line} is not in UTF-8. Save the file as “CSV UTF-8”.") from None
    if "\0" in text:
        raise Unreadable("The file holds NUL bytes, so it is no text. Save it as “CSV UTF-8”.")
    return text


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with their first line numbers: quoted cells may contain line ends."""
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable(f"Line {first} is no CSV: {error}. Are its quotes closed?") from None
        yield first, cells


def _names(header: list[str], columns: Columns) -> list[str]:
    """Column names. Raises Unreadable with each unknown, missing or repeated column."""
    known = [*columns.required, *columns.optional, *columns.ignored]
    names = [columns.aliases.get(name.lower(), name.lower()) for name in header]
    unknown = [_unknown(name, known) for name in names if name not in known]
    twice = [f"The column “{name}” is there twice." for name in known if names.count(name) > 1]
    missing = [f"The column “{name}” is missing." for name in columns.required if name not in names]
    if problems := unknown + twice + missing:
        raise Unreadable(*problems)
    return names


def _unknown(name: str, known: list[str]) -> str:
    if not name:
        return "A column has no name in the first line."
    guess = get_close_matches(name, known, n=1)
    return f"Unknown column “{name}”." + (f" Is “{guess[0]}” meant?" if guess else "")


def _row(line: int, cells: list[str], names: list[str]) -> Row:
    values = {name: _value(cell) for name, cell in zip(names, cells, strict=False)}
    if len(cells) != len(names):
        return Row(line, values, f"This line has {len(cells)} cells, and the header {len(names)}.")
    return Row(line, values)


def _value(cell: str) -> str:
    """Strip a cell, unless it was escaped: then blanks belong to the text."""
    text = unescape_formula(cell)
    return cell.strip() if text == cell else text
