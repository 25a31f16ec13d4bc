"""Sending what is due: requests in threads that use no database, and between them a few statements for all at once."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.utils import timezone

from tutorarc.webhooks import client
from tutorarc.webhooks.answers import Answer
from tutorarc.webhooks.messages import Message, messages_for
from tutorarc.webhooks.models import Delivery, Endpoint

THREADS = 64
THREADS_FOR_FAILING = 32
LOOKED_AT = 1000  # endpoints that wait, among which the next ones are chosen
IN_A_ROW = 50  # deliveries to one endpoint that are written together
TURN_SECONDS = 10.0  # after which no more of them are begun
LEASE = timedelta(seconds=30)  # of an endpoint, longer than such a turn with its last attempt
POLL_SECONDS = 0.2
GATHERING_SECONDS = 0.01  # in which more attempts end that are then written together
UNREADABLE = "Its secret can't be read since the server's secret key was changed: rotate it."
OUR_FAULT = "It could not be sent by a fault of this server, which is in its log."
log = logging.getLogger("tutorarc.webhooks")

Results = dict[str, Answer | None]


class Dispatcher:
    """Sends what is due, to each endpoint one after the other."""

    def __init__(self, executor: Executor, seconds: float) -> None:
        self._executor, self._end = executor, time.monotonic() + seconds
        self._in_hand: dict[Future[Results], Endpoint] = {}

    def run(self) -> None:
        """Until nothing is due, or the time is over, and what was sent has ended."""
        while self._take() or self._in_hand:
            done, _ = wait(self._in_hand, POLL_SECONDS, FIRST_COMPLETED)
            if done:
                time.sleep(GATHERING_SECONDS)
                self._record()

    def _take(self) -> int:
        """To how many endpoints something is sent."""
        if time.monotonic() >= self._end:
            return 0
        endpoints = self._free_endpoints()
        found = Delivery.objects.next_for(endpoints, timezone.now(), IN_A_ROW) if endpoints else {}
        messages = messages_for([row for rows in found.values() for row in rows], endpoints)
        for pk, rows in found.items():
            attempts = self._executor.submit(send_in_turn, {row.pk: messages.get(row.pk) for row in rows})
            self._in_hand[attempts] = endpoints[pk]
        if nothing_due := endpoints.keys() - found:
            Endpoint.objects.filter(pk__in=nothing_due).release()
        return len(found)

    def _free_endpoints(self) -> dict[str, Endpoint]:
        """Endpoints with something due, leased."""
        now = timezone.now()
        due = Endpoint.objects.free(now).filter(pk__in=Delivery.objects.due(now).order_by().values("endpoint"))
        waiting = due.only("owner_id", "failing_since")[:LOOKED_AT] if len(self._in_hand) < THREADS else []
        chosen = self._choose(waiting)
        taken = Endpoint.objects.free(now).filter(pk__in=chosen).take(now + LEASE) if chosen else []
        return {endpoint.pk: endpoint for endpoint in taken}

    def _choose(self, waiting: Iterable[Endpoint]) -> list[str]:
        """As many as threads are free. Not all threads are for those that fail, which may be slow.

        An owner gets half of the threads that others leave at most: the next one always finds some.
        """
        in_hand = list(self._in_hand.values())
        owners = Counter(endpoint.owner_id for endpoint in in_hand)
        failing = sum(endpoint.is_failing for endpoint in in_hand)
        chosen: list[str] = []
        for endpoint in waiting:
            own, used = owners[endpoint.owner_id], len(in_hand) + len(chosen)
            if own < THREADS - used and failing + endpoint.is_failing <= THREADS_FOR_FAILING:
                owners[endpoint.owner_id] += 1
                failing += endpoint.is_failing
                chosen.append(endpoint.pk)
        return chosen

    def _record(self) -> None:
        ended = [attempts for attempts in self._in_hand if attempts.done()]
        Delivery.objects.record({pk: answer for attempts in ended for pk, answer in attempts.result().items()})
        for attempts in ended:
            del self._in_hand[attempts]


def send_in_turn(messages: Mapping[str, Message | None]) -> Results:
    """In a thread: one after the other, until one fails or the time is over. What came of them, by the same keys."""
    end, results = time.monotonic() + TURN_SECONDS, {}
    for key, message in messages.items():
        answer = results[key] = send(message)
        if time.monotonic() >= end or (answer and not answer.is_success):
            break
    return results


def send(message: Message | None) -> Answer | None:
    """None: the owner may not see the event any more. Never raises."""
    if message is None:
        return None
    try:
        url = message.endpoint.url
        return client.post(url, message.headers(), message.body)._replace(url=url)
    except InvalidToken:
        return Answer(timedelta(), error=UNREADABLE)
    except Exception:  # else one endpoint would keep all others from getting theirs
        log.exception("A webhook could not be sent.", extra={"context": {"webhook": message.endpoint.pk}})
        return Answer(timedelta(), error=OUR_FAULT)
