"""Cards of classes, on the home page and in the list (`classes/card.html`).

Apps above this one add what they know of the classes. They are asked once for all cards of a page, so that a page
costs the same number of statements for one class and for many.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from classes.models import Class
from tutorarc.models import User

Facts = dict[str, dict[str, Any]]  # by class id, what the template gets as `card.facts`
FactSource = Callable[[User, Sequence[str]], Facts]

_sources: list[FactSource] = []


@dataclass
class ClassCard:
    klass: Class
    facts: dict[str, Any] = field(default_factory=dict)


def register_card_facts(source: FactSource) -> None:
    """Add a source of facts, which is called with the user and the ids of classes that they may read."""
    _sources.append(source)


def class_cards(user: User, classes: Iterable[Class]) -> list[ClassCard]:
    """A card for each class. Of one that the user may only list, it has no facts."""
    cards = {klass.pk: ClassCard(klass) for klass in classes}
    readable = [pk for pk, card in cards.items() if not card.klass.is_code_hidden]
    for source in _sources if readable else ():
        for pk, facts in source(user, readable).items():
            cards[pk].facts |= facts
    return list(cards.values())
