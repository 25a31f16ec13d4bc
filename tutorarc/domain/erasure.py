"""What is removed of a person whose account is deleted: each app registers the steps for its own tables.

See docs/decisions/deleted-accounts.md.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from tutorarc.domain.events import Actor

if TYPE_CHECKING:
    from tutorarc.models import User

DELETED_NAME = "Deleted user"
GONE = "deleted"  # stands for an id of another system, and in texts for a name or an address
# Characters. A shorter name or id is also part of other texts, so it is removed only where it stands alone; one that is
# shorter still, such as the number of a grade, says nothing about whom it means.
SHORTEST_IN_TEXTS, SHORTEST_ALONE = 5, 3


@dataclass(frozen=True)
class Identity:
    """The texts that name a person: those of now and of before, in lower case."""

    texts: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str | None], addresses: Iterable[str]) -> "Identity":
        known = frozenset(address.lower() for address in addresses)
        return cls(known | {name.lower() for name in names if name}, known)

    def names(self, value: Any) -> bool:
        """Whether the value of a text or JSON column names the person."""
        return bool(self.blanked(value) != value)

    def blanked(self, value: Any) -> Any:
        """The value of a text or JSON column without what names the person, in its texts and in keys of objects."""
        if isinstance(value, str):
            return self._blanked_text(value)
        if isinstance(value, list):
            return [self.blanked(item) for item in value]
        if isinstance(value, dict):
            return {self.blanked(key): self.blanked(item) for key, item in value.items()}
        return value

    def _blanked_text(self, text: str) -> str:
        if len(text) >= SHORTEST_ALONE and text.strip().lower() in self.texts:
            return GONE
        found = [one for one in sorted(self.texts, key=len, reverse=True) if one in text.lower()]
        for one in found:
            if len(one) >= SHORTEST_IN_TEXTS:
                text = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", GONE, text, flags=re.IGNORECASE)
        return text


@dataclass(frozen=True)
class Leaver:
    """The person, whose account is closed and still has its name, and who asked for the deletion."""

    user: "User"
    by: Actor
    identity: Identity
    stand_in: str  # the address that takes the place of theirs

    @property
    def asked_themselves(self) -> bool:
        return self.by.user is not None and self.by.user.pk == self.user.pk


# Does one batch in the transaction of its caller, from where the last one ended: an empty text at first. Returns where
# the next one begins, and an empty text if nothing is left. A batch may be done again after a crash.
Step = Callable[[Leaver, str], str]
STEPS: dict[str, tuple[int, Step]] = {}
MORE = "more"  # of a step whose batches leave no row to be found again


def erasing(name: str, *, order: int = 0) -> Callable[[Step], Step]:
    """Register a step. Those of a lower order are done first. Raises ValueError for a name that is taken."""

    def register(step: Step) -> Step:
        if name in STEPS:
            raise ValueError(f"There are two steps {name}.")
        STEPS[name] = (order, step)
        return step

    return register


def steps_in_order() -> dict[str, Step]:
    return {name: STEPS[name][1] for name in sorted(STEPS, key=lambda name: (STEPS[name][0], name))}


def next_batch(rows: QuerySet[Any], after: str, size: int) -> list[Any]:
    """The next rows in the order of their keys, for a step that looks at each of them."""
    following = rows.filter(pk__gt=after) if after else rows
    return list(following.order_by("pk")[:size])


def end_of(batch: Sequence[Any], size: int) -> str:
    """Where the batch after this one begins; empty if it was the last."""
    return str(batch[-1].pk) if len(batch) == size else ""


def blank_texts(rows: QuerySet[Any], fields: Sequence[str], leaver: Leaver, after: str, size: int) -> str:
    """One batch of a step: remove what names the person from these text or JSON columns."""
    batch = next_batch(rows, after, size)
    for row in batch:
        texts = {name: getattr(row, name) for name in fields}
        if (kept := leaver.identity.blanked(texts)) != texts:
            rows.filter(pk=row.pk).update(**kept)
    return end_of(batch, size)
