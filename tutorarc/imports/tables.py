"""Rows of a CSV file with their line numbers, without what spreadsheets add: blank lines, empty columns, repeats."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tutorarc.imports.decoding import Unreadable, decode
from tutorarc.staff.csv_file import unescape_formula

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?[,;\t]*', re.IGNORECASE)  # which Excel reads, and some programs write
MAX_BYTES = 8 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_LINES = 5 * MAX_ROWS  # blank ones included
LINES_NAMED = 5

NumberedCells = tuple[int, list[str]]  # the number of a row's first line, and its cells


@dataclass
class Table:
    """The header, the rows with the numbers of their first lines, and notes on how the file was read."""

    name: str
    header: list[str]
    rows: list[NumberedCells]
    notes: list[str] = field(default_factory=list)


def read_table(data: bytes, name: str = "") -> Table:
    """Read a file. Raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES // 1024**2} MiB. Split it.")
    text, notes = decode(data)
    if not text.strip():
        raise Unreadable("The file is empty.")
    if max(text.count("\n"), text.count("\r")) > MAX_LINES:
        raise Unreadable(f"The file has more than {MAX_LINES:,} lines. Delete the blank ones.")
    header, lines = _lines(text, notes)
    if len(header) > MAX_COLUMNS:
        raise Unreadable(f"The first line has {len(header):,} columns, and {MAX_COLUMNS} are the most.")
    table = Table(name, header, lines, notes)
    _cut_empty_columns(table)
    if not table.rows:
        raise Unreadable("The file has no row below its header.")
    _merge_identical_rows(table)
    return table


def _lines(text: str, notes: list[str]) -> tuple[list[str], list[NumberedCells]]:
    """The header, and the other lines that have a cell that isn't blank. Raises Unreadable."""
    delimiter, is_declared = _delimiter(text, notes)
    numbered = _numbered(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    if is_declared:
        _next_filled(numbered)
    header = _next_filled(numbered)
    return [cell.strip() for cell in header], _filled(numbered, notes)


def _delimiter(text: str, notes: list[str]) -> tuple[str, bool]:
    """What separates cells, and whether the first line does nothing but say so, as some spreadsheets write it."""
    first_line = next(line for line in text.splitlines() if line.strip())
    if declared := SEPARATOR_LINE.fullmatch(first_line):
        notes.append(f"The first line says that cells are separated by {DELIMITERS[declared[1]]}.")
        return declared[1], True
    delimiter = max(DELIMITERS, key=first_line.count)
    if delimiter != ",":
        notes.append(f"Cells are separated by {DELIMITERS[delimiter]}.")
    return delimiter, False


def _next_filled(numbered: Iterator[NumberedCells]) -> list[str]:
    """The next line that isn't blank; empty if there is none."""
    return next((cells for _, cells in numbered if _width(cells)), [])


def _filled(numbered: Iterator[NumberedCells], notes: list[str]) -> list[NumberedCells]:
    """The lines that aren't blank. Raises Unreadable if there are too many."""
    lines: list[NumberedCells] = []
    blank = 0
    for line, cells in numbered:
        if not _width(cells):
            blank += 1
        elif len(lines) == MAX_ROWS:
            raise Unreadable(f"The file has more than {MAX_ROWS:,} rows. Split it.")
        else:
            lines.append((line, cells))
    if blank:
        notes.append(f"{blank:,} blank {'line was' if blank == 1 else 'lines were'} skipped.")
    return lines


def _numbered(reader: Any) -> Iterator[NumberedCells]:
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


def _width(cells: list[str]) -> int:
    """The number of cells up to the last that isn't blank."""
    return max((number for number, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _cut_empty_columns(table: Table) -> None:
    """A spreadsheet may save empty columns behind the last one, which have neither names nor cells."""
    width = max(_width(table.header), *(_width(cells) for _, cells in table.rows), 1)
    if unneeded := len(table.header) - width:
        table.notes.append(f"{unneeded} empty {'column' if unneeded == 1 else 'columns'} at the end skipped.")
    table.header = table.header[:width]
    table.rows = [(line, cells[:width]) for line, cells in table.rows]


def _merge_identical_rows(table: Table) -> None:
    seen: set[tuple[str, ...]] = set()
    kept: list[tuple[int, list[str]]] = []
    repeated: list[tuple[int, list[str]]] = []
    for line, cells in table.rows:
        key = tuple(cell.strip() for cell in cells)
        (repeated if key in seen else kept).append((line, cells))
        seen.add(key)
    table.rows = kept
    if repeated:
        named = ", ".join(str(line) for line, _ in islice(repeated, LINES_NAMED))
        more = ", …" if len(repeated) > LINES_NAMED else ""
        how = "repeats another row" if len(repeated) == 1 else "repeat other rows"
        table.notes.append(f"{len(repeated):,} identical {how}, and count once: line {named}{more}.")


def cell_value(cell: str) -> str:
    """Strip a cell, unless it was escaped: then blanks belong to the text."""
    text = unescape_formula(cell)
    return cell.strip() if text == cell else text
