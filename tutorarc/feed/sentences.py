"""Events in sentences, such as "Sam Oyelaran asked to join". Each app registers the phrases of its events by `tell`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tutorarc.feed.event_words import EVENT_WORDS
from tutorarc.models import Event, User

Phrase = str | Promise


class Sentence(NamedTuple):
    event: Event
    text: SafeString  # names and titles are in <bdi>


_phrases: dict[str, Phrase | Callable[[Event], Phrase]] = {}


def tell(phrases: Mapping[str, Phrase | Callable[[Event], Phrase]]) -> None:
    """Register phrases by event type, or functions of the event that choose one.

    A phrase can name `{actor}`, `{person}`, the `{title}` of a class or live session, its `{old_title}`, and the
    `{email}` of an invitation.
    """
    _phrases.update(phrases)


def is_told(event_type: str) -> bool:
    return event_type in _phrases


def sentences(events: Sequence[Event], address_of: Callable[[str], str] | None = None) -> list[Sentence]:
    """The events in the same order. The names of all people take one statement.

    With `address_of`, which gets the id of a person, the names of those whom events are about are links.
    """
    names = _names(events)
    return [Sentence(event, _text(event, names, address_of)) for event in events]


def _text(event: Event, names: Mapping[str, str], address_of: Callable[[str], str] | None) -> SafeString:
    phrase = _phrases.get(event.type) or EVENT_WORDS[event.type]
    values = {
        "actor": names.get(event.actor_user_id, _("Someone")) if event.actor_user_id else "TutorArc",
        "person": names.get(event.user_id or "", _("someone")),
        "title": event.data.get("title", ""),
        "email": event.data.get("email", ""),
        "old_title": event.changes.get("title", [""])[0] or "",
    }
    shown = {name: format_html('<bdi dir="auto">{}</bdi>', value) for name, value in values.items()}
    if address_of and event.user_id:
        shown["person"] = format_html('<a href="{}">{}</a>', address_of(event.user_id), shown["person"])
    return format_html(str(phrase(event) if callable(phrase) else phrase), **shown)


def _names(events: Sequence[Event]) -> dict[str, Any]:
    """Names of the people of these events, as they are now."""
    ids = {one for event in events for one in (event.user_id, event.actor_user_id) if one}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "display_name")) if ids else {}
