"""Places on a page that other apps fill. The app that owns the page declares the slot, and knows nothing of the parts.

    CLASS_TILES = Slot()                                             # classes/pages.py
    CLASS_TILES.register("members/class_tile.html", people_tile)     # members/pages.py

The template of the page includes the template of each part, with the part's context as `part`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

PartContext = dict[str, Any]


class Part(NamedTuple):
    """What one app shows there. Its context is None where this person is shown nothing."""

    order: int
    template: str
    context: Callable[..., PartContext | None]


class Slot:
    def __init__(self) -> None:
        self._parts: list[Part] = []

    def register(self, template: str, context: Callable[..., PartContext | None], *, order: int = 0) -> None:
        """`order` decides between parts: apps may be imported in any order."""
        self._parts.append(Part(order, template, context))

    def fill(self, *subject: Any) -> list[PartContext]:
        """What each part shows of the subject, lowest order first."""
        parts = sorted(self._parts, key=lambda part: part.order)
        return [
            {**context, "template": part.template} for part in parts if (context := part.context(*subject)) is not None
        ]
