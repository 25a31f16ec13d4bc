"""Reading the pages of a list."""

from collections.abc import Callable
from typing import Any

Page = dict[str, Any]


def ids(page: Page) -> list[str]:
    return [row["id"] for row in page["results"]]


def titles(page: Page) -> list[str]:
    return [row["title"] for row in page["results"]]


def links(page: Page) -> list[str]:
    """Which of `previous` and `next` lead to another page."""
    return [side for side in ("previous", "next") if page[side]]


def walk(get: Callable[[str], Page], page: Page, link: str) -> list[Page]:
    """All pages from this one on, in the direction of the link."""
    pages = [page]
    while pages[-1][link]:
        pages.append(get(pages[-1][link]))
    return pages
