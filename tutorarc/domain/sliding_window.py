"""Limits on the number of events in a sliding window, counted in two numbers for each limit.

Time is divided into periods as long as the window. Events of the current period count in full, those of the period
before as far as the window still reaches into it. So a limit is not full again all at once, and no window of any
position holds more than twice its number.
"""

import hashlib
from typing import NamedTuple


class Usage(NamedTuple):
    """Events counted in the current period and in the one before.

    `refused`: after reading, that one more is not allowed; after counting, that this one was not.
    """

    current: int = 0
    previous: int = 0
    refused: bool = False


class Limit(NamedTuple):
    """At most `number` events of one caller within `seconds`. Times are whole seconds since 1970."""

    name: str
    caller: str
    number: int
    seconds: int = 60

    @property
    def key(self) -> str:
        """Key of the counter, without the caller's address or e-mail address in plain text."""
        return f"{self.name}:{hashlib.blake2b(self.caller.encode(), digest_size=16).hexdigest()}"

    def period(self, now: int) -> int:
        return now // self.seconds

    def expiry(self, now: int) -> int:
        """When what is counted now counts no longer."""
        return (self.period(now) + 2) * self.seconds

    def slide(self, counted_in: int, current: int, previous: int, now: int) -> Usage:
        """What counts now of the numbers that were stored in the period `counted_in`."""
        passed = self.period(now) - counted_in
        if passed == 1:
            current, previous = 0, current
        elif passed > 1:
            current, previous = 0, 0
        return Usage(current, previous, self.wait(Usage(current, previous), now) > 0)

    def with_counted(self, current: int, previous: int, now: int) -> Usage:
        """Usage after an event that is among these numbers even if it is one too many."""
        return Usage(current, previous, self.wait(Usage(current - 1, previous), now) > 0)

    def remaining(self, usage: Usage, now: int) -> int:
        """How many more events are allowed now."""
        return max(0, self.number - usage.current - -(-usage.previous * self._left(now) // self.seconds))

    def wait(self, usage: Usage, now: int, more: int = 1) -> int:
        """Seconds until `more` events are allowed. The whole window if there never are."""
        if more > self.number:
            return self.seconds
        left = self._left(now)
        room = self.number - more - usage.current  # for those of the period before
        if room >= 0:
            return max(0, left - _reach(room, usage.previous, self.seconds))
        return left + self.seconds - _reach(self.number - more, usage.current, self.seconds)

    def _left(self, now: int) -> int:
        """Seconds of the current period that are left, which is how far the window reaches into the period before."""
        return self.seconds - now % self.seconds


def _reach(room: int, events: int, seconds: int) -> int:
    """How far, in seconds, the window may reach into a period with so many events, if `room` of them may count."""
    return min(seconds, room * seconds // events) if events else seconds
