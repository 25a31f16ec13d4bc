"""The documentation as the tests read it: README.md and the pages in tutorarc/docs/."""

import re
from pathlib import Path
from typing import NamedTuple

from tutorarc.settings import BASE_DIR

DOCS = BASE_DIR / "tutorarc" / "docs"
README = BASE_DIR / "README.md"
PAGES = [README, *sorted(DOCS.rglob("*.md"))]


class Block(NamedTuple):
    """A fenced block: its language (empty for none) and its text."""

    language: str
    text: str


def name_of(page: Path) -> str:
    return str(page.relative_to(BASE_DIR))


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)]


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(page: Path, first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading."""
    [rows] = re.findall(
        rf"^\| {re.escape(first_heading)} \|.*\n\|[ \-|]+\|\n((?:\|.*\n?)+)", page.read_text(), re.MULTILINE
    )
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip("|"))] for row in rows.splitlines()]
