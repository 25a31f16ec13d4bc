"""Overload control: 503 for requests that waited too long in the proxy's queue, so that later ones are served in time.

The proxy writes the arrival time in `X-Request-Start: t=<Unix time>`, in seconds with a fraction (nginx) or in milli-
or microseconds (HAProxy). The header is used only if TUTORARC_TRUSTED_PROXIES is set; without it no request is
refused. This runs before Django, because a refusal has to be cheap.

A short burst may wait for OVERLOAD_MAX_WAIT. Once every request has had to wait for OVERLOAD_SATURATED_AFTER, the
server is saturated and only the shorter OVERLOAD_MAX_WAIT_WHEN_SATURATED is allowed: a longer queue would delay
everybody. Requests that arrived while the process was starting are served. Forms may wait
for OVERLOAD_MAX_WAIT_IN_RUSH, and so may every request while many people sign in: such a rush is over soon.

The age of a request is wrong by the difference between the proxy's clock and this machine's (`ProxyClock`). That it is
this difference and not a queue is known in these cases:

- No request has finished for OVERLOAD_IDLE_AFTER. The process was idle, so no request waited for another.
- For OVERLOAD_WRONG_CLOCK_AFTER every request of the proxy was refused, and meanwhile either all other requests too,
  which would have emptied the queue at once, or a request of another proxy did not have to wait.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Iterable

from django.conf import settings

from tutorarc.http.access_log import QUEUE_SECONDS
from tutorarc.http.early_refusal import Environ, StartResponse, refuse_early
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.resent_forms import resendable
from tutorarc.http.summary_log import SummaryLog
from tutorarc.http.wsgi_request import Request

refusals = SummaryLog(logging.getLogger("tutorarc.overload"))

RETRY_AFTER_SECONDS = 2
MAX_PROXIES = 1000  # more are forgotten, with what is known of their clocks
ACCOUNT_PAGES = "/accounts/"
MONITORING = ("/healthz", "/readyz", "/metrics")  # always answered: a busy machine must not look as if it were down
_REQUEST_START = re.compile(r"t=(\d{10})\.?(\d{0,9})", re.ASCII)  # ten digits of seconds: from 2001 to 2286


class ProxyClock:
    """How far the clock of one proxy is behind this machine's, in seconds; negative if it is ahead."""

    def __init__(self) -> None:
        self.behind = 0.0
        self.note_accepted()

    def note_accepted(self) -> None:
        self.refusing_since: float | None = None  # since then every request that came through this proxy was refused
        self.youngest_refused = math.inf  # age of one of these

    def note_refused(self, age: float, now: float) -> None:
        self.refusing_since = self.refusing_since or now
        self.youngest_refused = min(self.youngest_refused, age)

    def wait_of(self, age: float) -> float:
        """How long a request waited. One that is younger than `behind` shows that this was too much."""
        self.behind = min(self.behind, age)
        return age - self.behind


class OverloadControl:
    """WSGI middleware that answers 503 to requests that waited too long."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.clocks: dict[str, ProxyClock] = {}  # by the address of the proxy
        self.last_late_sign_in = -math.inf
        self.started_at = self.last_finished = self.last_accepted = self.last_without_wait = time.time()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            if self._accepts(environ):
                return self.application(environ, start_response)
            return self._refuse(environ, start_response)
        finally:
            self.last_finished = time.time()

    def _accepts(self, environ: Environ) -> bool:
        now = time.time()
        if environ["PATH_INFO"] in MONITORING or (age := _age(environ, now)) is None:
            return True
        clock = self._clock_of(environ.get("REMOTE_ADDR", ""))
        environ[QUEUE_SECONDS] = waited = clock.wait_of(age)
        if not self._is_in_time(waited, now):
            if self._may_come_late(environ, waited, now):
                return True
            if not (self._was_idle(now) or self._is_wrong(clock, now)):
                clock.note_refused(age, now)
                return False
            clock.behind, self.last_without_wait = min(clock.youngest_refused, age), now
            environ[QUEUE_SECONDS] = age - clock.behind
        self.last_accepted = now
        clock.note_accepted()
        return True

    def _may_come_late(self, environ: Environ, waited: float, now: float) -> bool:
        """Whether this is a form that somebody sent, or many people sign in. A late sign-in begins such a rush."""
        if waited > settings.OVERLOAD_MAX_WAIT_IN_RUSH or not (_is_form(environ) or self._is_rush(now)):
            return False
        if _is_form(environ) and environ["PATH_INFO"].startswith(ACCOUNT_PAGES):
            self.last_late_sign_in = now
        return True

    def _clock_of(self, proxy: str) -> ProxyClock:
        if (clock := self.clocks.get(proxy)) is None:
            if len(self.clocks) >= MAX_PROXIES:
                self.clocks.clear()
            clock = self.clocks.setdefault(proxy, ProxyClock())
        return clock

    def _is_in_time(self, waited: float, now: float) -> bool:
        if waited <= settings.OVERLOAD_NO_WAIT:
            self.last_without_wait = now
            return True
        if waited <= settings.OVERLOAD_MAX_WAIT_WHEN_SATURATED or self._arrived_before_start(waited, now):
            return True
        is_saturated = now >= self.last_without_wait + settings.OVERLOAD_SATURATED_AFTER
        return waited <= settings.OVERLOAD_MAX_WAIT and not is_saturated

    def _arrived_before_start(self, waited: float, now: float) -> bool:
        return now - waited < self.started_at and waited <= settings.OVERLOAD_MAX_START

    def _was_idle(self, now: float) -> bool:
        """Whether the thread that takes this request had been free: a busy one has just finished another request."""
        return now >= self.last_finished + settings.OVERLOAD_IDLE_AFTER

    def _is_wrong(self, clock: ProxyClock, now: float) -> bool:
        since = clock.refusing_since
        if since is None or now < since + settings.OVERLOAD_WRONG_CLOCK_AFTER:
            return False
        return self.last_accepted <= since or self.last_without_wait > since

    def _is_rush(self, now: float) -> bool:
        """Whether sign-ins have had to wait too long within the last seconds, as before a school's first lesson."""
        return now < self.last_late_sign_in + settings.OVERLOAD_RUSH

    def _refuse(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        refusals.note("Overloaded: requests are refused.")
        is_page = not environ["PATH_INFO"].startswith("/api/")
        form = resendable(Request(environ), wait=RETRY_AFTER_SECONDS) if is_page else {}
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
        return refuse_early(environ, start_response, ErrorReason.OVERLOADED, headers, form)


def _is_form(environ: Environ) -> bool:
    """Whether a person has typed something: they lose more than a program, which tries again."""
    return environ["REQUEST_METHOD"] == "POST" and not environ["PATH_INFO"].startswith("/api/")


def _age(environ: Environ, now: float) -> float | None:
    """Seconds since the proxy received the request, by the proxy's clock; None without a trusted header."""
    started = _REQUEST_START.fullmatch(environ.get("HTTP_X_REQUEST_START", "")) if settings.TRUSTED_PROXIES else None
    return now - float(f"{started[1]}.{started[2]}") if started else None
