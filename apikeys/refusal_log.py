"""The log of refused calls: written a second later by a thread of its own, so that no request waits for it.

What waits is limited, so that neither a program in a loop nor somebody who makes up keys fills the memory or the table,
or hides the calls of others. What is beyond a limit is not logged.
"""

import logging
from collections.abc import Iterator
from threading import Lock, Thread, main_thread
from typing import Any

from django.db import connection
from django.dispatch import receiver

from apikeys import secrets
from apikeys.models import ApiKey
from apikeys.refused_calls import RefusedCall
from tutorarc.db.outage import is_outage
from tutorarc.http.refusals import Refusal, call_refused

INTERVAL_SECONDS = 1.0
MAX_OF_A_KEY = 20  # that wait, and so in an interval
MAX_OF_VALID_KEYS = 2_000
MAX_OF_OTHER_KEYS = 200  # expired and revoked ones, but also those that somebody made up
log = logging.getLogger("tutorarc.apikeys")


class Waiting:
    """Calls that wait to be written, by the digest of their key."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self.calls: dict[str, list[RefusedCall]] = {}

    def add(self, digest: str, refusal: Refusal) -> None:
        """Add the call unless a limit is reached."""
        if self.size >= self.limit or len(self.calls.get(digest, [])) >= MAX_OF_A_KEY:
            return
        self.calls.setdefault(digest, []).append(RefusedCall.of(refusal))
        self.size += 1

    def take(self) -> dict[str, list[RefusedCall]]:
        taken, self.calls, self.size = self.calls, {}, 0
        return taken


class RefusalLog:
    """The refused calls of this process. `start` begins to write them; without it, as in tests, `flush` does."""

    def __init__(self) -> None:
        self._of_valid_keys, self._of_other_keys = Waiting(MAX_OF_VALID_KEYS), Waiting(MAX_OF_OTHER_KEYS)
        self._lock = Lock()

    def add(self, refusal: Refusal) -> None:
        """Note a call, without a query. A key that is mistyped names nobody to note it for."""
        secret = refusal.secret.strip()
        if secrets.is_well_formed(secret):
            with self._lock:
                waiting = self._of_valid_keys if refusal.is_key_valid else self._of_other_keys
                waiting.add(secrets.digest(secret), refusal)

    def flush(self) -> None:
        """Write what was noted. Makes no query if that is nothing."""
        taken = self.discard()
        if any(taken) and (calls := list(_with_their_keys(taken))):
            RefusedCall.objects.write(calls)

    def discard(self) -> list[dict[str, list[RefusedCall]]]:
        """Forget what was noted, and return it."""
        with self._lock:
            return [self._of_valid_keys.take(), self._of_other_keys.take()]

    def start(self) -> None:
        """Write what is noted, every second and when the process ends."""
        Thread(target=self._run, name="refused-calls", daemon=False).start()

    def _run(self) -> None:
        """Granian's workers run no `atexit` functions, but wait for threads."""
        while main_thread().is_alive():
            main_thread().join(INTERVAL_SECONDS)
            self.flush_and_disconnect()

    def flush_and_disconnect(self) -> None:
        """An error loses what was noted, and nothing else."""
        try:
            self.flush()
        except Exception as error:
            if is_outage(error):
                log.warning("Refused calls could not be logged: %s", str(error).strip())
            else:
                log.exception("Refused calls could not be logged.")
        finally:
            connection.close()


def _with_their_keys(taken: list[dict[str, list[RefusedCall]]]) -> Iterator[RefusedCall]:
    """The calls whose keys exist, with key and owner."""
    keys = ApiKey.objects.filter(digest__in={digest for calls in taken for digest in calls})
    for key, digest, owner in keys.values_list("pk", "digest", "owner_id"):
        for call in (call for calls in taken for call in calls.get(digest, [])):
            call.api_key_id, call.owner_id = key, owner
            yield call


LOG = RefusalLog()


@receiver(call_refused)
def note(refusal: Refusal, **_: Any) -> None:
    LOG.add(refusal)
