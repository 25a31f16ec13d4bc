"""HTML pages of the feed, and of the history of a class."""

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.page_slots import Slot
from tutorarc.feed.event_words import EVENT_WORDS
from tutorarc.feed.forms import EventFilterForm
from tutorarc.feed.sentences import sentences
from tutorarc.models import Event, User

# The heading of the page if the query names a class or a live session. A part is called with the page, and finds the
# object in `page.view.followed`.
FOLLOWED_HEADER = Slot()

# Above the history of a class. A part is called with the class.
HISTORY_TOOLS = Slot()


class Line(NamedTuple):
    """One event on the page. Names are empty where there is nobody."""

    event: Event
    what: str
    title: str
    person: str
    actor: str


class EventsPage(HtmlPage):
    def page(self) -> Page:
        if self.status in (401, 403, 429):
            return self.refusal()
        listing = self.listing()
        events: list[Event] = listing["rows"]
        names = self.names(events)
        return "feed/events.html", {
            **listing,
            "title": _("Events"),
            "headers": [] if self.error else FOLLOWED_HEADER.fill(self),
            "lines": [self.line(event, names) for event in events],
            "is_continued": "cursor" in self.request.query_params,
            "filters": self.filters(EventFilterForm),
            "address": self.request.path,
        }

    def names(self, events: list[Event]) -> dict[str, str]:
        """Names of the people of these events, as they are now."""
        ids = {one for event in events for one in (event.user_id, event.actor_user_id) if one}
        return dict(User.objects.filter(pk__in=ids).values_list("pk", "display_name")) if ids else {}

    def line(self, event: Event, names: dict[str, str]) -> Line:
        people = (names.get(one or "", "") for one in (event.user_id, event.actor_user_id))
        return Line(event, str(EVENT_WORDS[event.type]), _title(event.data), *people)


def _title(data: dict[str, Any]) -> str:
    """What a class or a live session was called then."""
    return str(data.get("title", ""))


class HistoryPage(HtmlPage):
    """The History tab of a class: its events in sentences, the latest first."""

    def page(self) -> Page:
        if self.status in (401, 403, 429):
            return self.refusal()
        listing, query = self.listing(), self.request.query_params
        address = reverse("event-list", query={"class_id": query["class_id"]})
        return "feed/history.html", {
            **listing,
            "title": _("History of %(title)s") % {"title": self.view.followed["class_id"].title},
            "headers": FOLLOWED_HEADER.fill(self),
            "tools": HISTORY_TOOLS.fill(self.view.followed["class_id"]),
            "sentences": sentences(listing["rows"], lambda user_id: f"{address}&user_id={user_id}"),
            "person": self.person(listing["rows"]),
            "is_of_person": bool(query.get("user_id")),
            "address": address,
            "as_json": f"{address}&format=json",  # oldest first, so that a program can go on from its end
        }

    def person(self, events: list[Event]) -> User | None:
        """The person whom the history is about, if something happened to them in this class."""
        user_id = self.request.query_params.get("user_id")
        return User.objects.get(pk=user_id) if user_id and events else None
