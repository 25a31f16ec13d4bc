"""The addresses of a feed, for calendars that open it by a link."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sessions.calendars.tokens import feed_path
from tutorarc.http.public_url import site_url
from tutorarc.models import User

GOOGLE = "https://calendar.google.com/calendar/r"
OUTLOOK = "https://outlook.live.com/calendar/0/addfromweb"
OUTLOOK_AT_WORK = "https://outlook.office.com/calendar/0/addfromweb"


@dataclass(frozen=True)
class Addresses:
    """`name` is that of the calendar, where it can be chosen."""

    url: str
    class_id: str | None
    name: str

    @property
    def webcal_url(self) -> str:
        return f"webcal://{self.url.partition('://')[2]}"

    @property
    def google(self) -> str:
        return f"{GOOGLE}?{urlencode({'cid': self.webcal_url})}"

    @property
    def outlook(self) -> str:
        return f"{OUTLOOK}?{self._subscription}"

    @property
    def outlook_at_work(self) -> str:
        return f"{OUTLOOK_AT_WORK}?{self._subscription}"

    @property
    def _subscription(self) -> str:
        return urlencode({"url": self.webcal_url, "name": self.name})


def addresses_of(request: Any, user: User, class_id: str | None, name: str) -> Addresses:
    return Addresses(site_url(request, feed_path(user, class_id)), class_id, name)
