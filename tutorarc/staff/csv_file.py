"""Cells of CSV files: none that a spreadsheet runs as a formula."""

import re
import unicodedata

BOM = "\ufeff"
SIGNS = frozenset("=+-@")  # first characters of a formula
DROPPED = ("\t", "\r", "\n")  # ignored by some spreadsheets at the start of a cell
PARTS = re.compile(r"([,;\t\r\n]+)")  # where a spreadsheet may begin a cell


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
