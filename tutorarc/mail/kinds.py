"""The kinds of notices that people get by mail. The apps register theirs beside their models."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from django_stubs_ext import StrOrPromise

from tutorarc.mail.models import Notice
from tutorarc.mail.outgoing import CalendarPart
from tutorarc.models import Event, User


class Link(NamedTuple):
    words: str
    path: str


class Section(NamedTuple):
    """A paragraph, a list and a link; each may be empty. Names and titles in it are `isolated`."""

    text: str
    items: Sequence[str] = ()
    link: Link | None = None


class Letter(NamedTuple):
    subject: str
    sections: Sequence[Section]
    calendar: CalendarPart | None = None


@dataclass(frozen=True)
class NoticeKind:
    """One line on the page of notifications, which people turn on and off.

    `compose` makes one letter of all notices that wait for a person; None if nothing of it is true any more.
    `recipients` gives the events with the people who are to be told of each, apart from its actor. It reads the
    people in bulk, as there may be thousands.
    """

    name: str
    label: StrOrPromise
    hint: StrOrPromise
    why: StrOrPromise  # completes "You get this e-mail because"
    compose: Callable[[User, Sequence[Notice]], Letter | None]
    event_types: tuple[str, ...] = ()
    recipients: Callable[[Sequence[Event]], Iterable[tuple[Event, str]]] = lambda _: ()
    is_for: Callable[[User], bool] = lambda _: True  # whether the page of notifications shows it
    order: int = 0  # on that page
    is_for_whole_classes: bool = False  # then its mails are sent beside those of other kinds, which don't wait for them


KINDS: dict[str, NoticeKind] = {}


def register(kind: NoticeKind) -> None:
    KINDS[kind.name] = kind


def kinds_for(user: User) -> list[NoticeKind]:
    return sorted((kind for kind in KINDS.values() if kind.is_for(user)), key=attrgetter("order"))
