"""Slots: places on a page where other apps show parts. The page's app declares the slot and imports none of the parts.

    OVERVIEW_SECTIONS = Slot()                                              # classes/overview.py
    OVERVIEW_SECTIONS.register("sessions/class_next.html", next_lesson)     # sessions/class_parts.py

The template of the page includes the template of each part, with the part's context as `part`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

PartContext = dict[str, Any]


class Part(NamedTuple):
    """Template of one app in a slot, and a function for its context. A context of None hides the part."""

    order: int
    template: str
    context: Callable[..., PartContext | None]


class Slot:
    def __init__(self) -> None:
        self._parts: list[Part] = []

    def register(self, template: str, context: Callable[..., PartContext | None], *, order: int = 0) -> None:
        """Add a part. Parts are sorted by `order`, because apps may be imported in any order."""
        self._parts.append(Part(order, template, context))

    def fill(self, *arguments: Any) -> list[PartContext]:
        """Contexts of the visible parts, lowest order first. The arguments are passed to each part."""
        parts = sorted(self._parts, key=lambda part: part.order)
        return [
            {**context, "template": part.template}
            for part in parts
            if (context := part.context(*arguments)) is not None
        ]
