"""The list of lessons on pages: coming ones, soonest first, and past ones, latest first.

The API's list is newest first; only the cursors of pages go by time.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any

from rest_framework.request import Request

from sessions.models import LiveSession
from sessions.querysets import LiveSessionQuerySet
from tutorarc.api.pagination import Ordering
from tutorarc.db import page_tokens
from tutorarc.db.keyset import Window

COMING = Ordering(("start_time", "pk"))
PAST = Ordering(("start_time", "pk"), descending=True)


def ordering_of_page(request: Request) -> Ordering:
    """The ordering that the cursor belongs to; without one, of the coming lessons."""
    with suppress(ValueError, TypeError):  # a malformed cursor, which the paginator refuses
        _fields, is_descending, *_rest = page_tokens.decode(request.query_params.get("cursor", ""))
        return PAST if is_descending is True else COMING
    return COMING


def in_ordering(lessons: LiveSessionQuerySet, ordering: Ordering, now: datetime) -> LiveSessionQuerySet:
    return lessons.past(now) if ordering.descending else lessons.coming(now)


class PastLessons:
    """The list of past lessons, for the first page of it below the coming ones."""

    def __init__(self, view: Any, now: datetime) -> None:
        self.view, self.now = view, now

    def ordering_of(self, _request: Any) -> Ordering:
        return PAST

    def rows(self, lessons: LiveSessionQuerySet, window: Window) -> list[LiveSession]:
        return list(window.cut(self.view.visible(lessons.past(self.now), window)))
