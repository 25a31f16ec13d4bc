"""Attempts and retries: when, in which order, and what becomes of the endpoint."""

from datetime import UTC, datetime, timedelta

import pytest

from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.models import User
from tutorarc.models.signals import webhook_failing
from tutorarc.tests.feed.events import forget_events, write_event
from tutorarc.tests.webhooks.conftest import ERROR, OK, states
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.retries import JITTER, RETRIES, wait_before_retry

NOW = datetime.now(UTC).replace(microsecond=0)  # the clock stops here, but new ids have the real time
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(time_machine, monkeypatch):
    """`clock(MINUTE)`: so much later. Retries come without jitter."""
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr("tutorarc.webhooks.retries.uniform", lambda low, high: low)
    return lambda wait: time_machine.shift(wait)


@pytest.fixture
def lesson(schedule):
    """A session without a class, whose events are in another queue than those of the class."""
    return schedule()


@pytest.fixture
def endpoint(algebra, lesson, register):
    return register()


@pytest.fixture
def told():
    """The endpoints whose owners are told of failures."""
    endpoints = []

    def note(endpoint, **_):
        endpoints.append(endpoint.pk)

    webhook_failing.connect(note)
    yield endpoints
    webhook_failing.disconnect(note)


def deliveries(endpoint=None):
    rows = Delivery.objects.order_by("position", "pk")
    return list(rows.filter(endpoint=endpoint) if endpoint else rows)


def only():
    return Delivery.objects.get()


def test_a_success_is_recorded(endpoint, algebra, sent, work):
    event = write_event(klass=algebra)
    work()
    row = only()
    assert (row.event_id, row.event_type, row.status, row.attempts) == (event.pk, "class.updated", "SUCCEEDED", 1)
    assert (row.duration_ms, row.response_status, row.response_body, row.error) == (7, 200, "thanks", "")
    assert (row.last_attempt_at, row.due_at, row.retry_at) == (NOW, None, None)


def test_a_failure_is_recorded_and_retried(endpoint, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [ERROR, OK]
    event = write_event(klass=algebra)
    work()
    row = only()
    assert (row.status, row.attempts, row.due_at) == ("PENDING", 1, NOW + 5 * SECOND)
    assert (row.duration_ms, row.response_status, row.response_body) == (7, 500, "oops")
    assert row.error == "It answered 500 Internal Server Error."
    work()
    clock(5 * SECOND)
    work()
    assert sent.take() == [(endpoint.url, event.pk)] * 2
    assert (only().status, only().attempts, only().error) == ("SUCCEEDED", 2, "")


def test_the_schedule_of_retries(endpoint, algebra, sent, work, clock, told):
    sent.answers[endpoint.url] = ERROR
    write_event(klass=algebra)
    waits = []
    work()
    while due := only().due_at:
        waits.append(due - only().last_attempt_at)
        clock(waits[-1])
        work()
    hours = [timedelta(hours=count) for count in (2, 5, 10, 14, 20, 24)]
    assert waits == [5 * SECOND, 5 * MINUTE, 30 * MINUTE, *hours]
    assert (only().status, only().attempts, told) == ("FAILED", 10, [endpoint.pk])


def test_a_retry_is_never_early_and_at_most_a_tenth_late(monkeypatch):
    monkeypatch.undo()  # the fixture that takes out the jitter
    waits = [wait_before_retry(1) / RETRIES[1] for _ in range(200)]
    assert 1 <= min(waits) < 1.02
    assert 1 + JITTER - 0.02 < max(waits) <= 1 + JITTER


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(MINUTE, MINUTE), (SECOND, 5 * SECOND), (3 * DAY, DAY)],
    ids=["longer than the schedule", "shorter than the schedule", "too long"],
)
def test_retry_after_postpones_the_endpoint(endpoint, lesson, algebra, sent, work, clock, asked, waited):
    sent.answers[endpoint.url] = [ERROR._replace(status=503, retry_after=asked), OK, OK]
    event = write_event(klass=algebra)
    work()
    assert only().due_at == NOW + waited
    other = write_event("session.ended", session=lesson)  # of another queue
    sent.take()
    clock(min(asked, DAY) - SECOND)
    work()
    before = sent.take()
    clock(5 * SECOND)
    work()
    assert (before, sent.take()) == ([], [(endpoint.url, event.pk), (endpoint.url, other.pk)])


def test_events_of_a_class_wait_for_the_one_before_and_others_do_not(endpoint, lesson, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [ERROR, OK, OK, OK]
    first, second = write_event(klass=algebra), write_event(klass=algebra)
    other = write_event("session.ended", session=lesson)
    consume_events()
    assert [row.due_at for row in deliveries()] == [NOW, None, NOW]
    work()
    work()
    assert [event for _, event in sent.take()] == [first.pk, other.pk]
    clock(5 * SECOND)
    work()
    assert [event for _, event in sent.take()] == [first.pk, second.pk]


def test_an_event_that_is_given_up_lets_the_next_one_of_its_class_go(endpoint, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [ERROR, OK]
    first, second = write_event(klass=algebra), write_event(klass=algebra)
    consume_events()
    Delivery.objects.filter(event_id=first.pk).update(retries=len(RETRIES))
    work()
    work()
    assert [event for _, event in sent.take()] == [first.pk, second.pk]
    assert states(*deliveries()) == ["FAILED", "SUCCEEDED"]


def test_a_new_event_of_the_class_brings_the_retry_forward_but_not_every_moment(endpoint, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [ERROR, ERROR, ERROR, OK, OK, OK]
    first = write_event(klass=algebra)
    work()
    clock(5 * SECOND)
    work()
    clock(5 * MINUTE)
    work()
    assert deliveries()[0].due_at == NOW + 5 * SECOND + 35 * MINUTE
    sent.take()
    clock(4 * MINUTE)
    second = write_event(klass=algebra)
    work()
    assert sent.take() == []
    clock(MINUTE)
    third = write_event(klass=algebra)
    work()
    assert [event for _, event in sent.take()] == [first.pk, second.pk, third.pk]


def test_an_early_attempt_is_none_of_the_schedule(endpoint, algebra, sent, work, clock):
    sent.answers[endpoint.url] = ERROR
    write_event(klass=algebra)
    for wait in (5 * SECOND, 5 * MINUTE):
        work()
        clock(wait)
    work()
    scheduled = deliveries()[0].due_at
    clock(10 * MINUTE)
    write_event(klass=algebra)
    work()
    row = deliveries()[0]
    assert (row.attempts, row.retries, row.due_at) == (4, 3, scheduled)


def test_a_success_after_failures_tries_again_what_waits(endpoint, lesson, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [ERROR, ERROR, ERROR, OK, OK]
    event = write_event(klass=algebra)
    for wait in (5 * SECOND, 5 * MINUTE, 10 * MINUTE):
        work()
        clock(wait)
    sent.take()
    other = write_event("session.ended", session=lesson)
    work()
    assert [event for _, event in sent.take()] == [other.pk, event.pk]
    assert Endpoint.objects.get().failing_since is None


def test_410_disables_at_once(endpoint, algebra, sent, work, told):
    sent.answers[endpoint.url] = ERROR._replace(status=410, error="It answered 410 Gone.")
    write_event(klass=algebra)
    write_event(klass=algebra)
    work()
    row = Endpoint.objects.get()
    assert (row.state, row.disabled_reason, row.disabled_at, told) == ("DISABLED", "GONE", NOW, [endpoint.pk])
    assert states(*deliveries()) == ["FAILED", "CANCELLED"]


def test_another_url_forgets_the_failures_and_gets_what_waits_at_once(endpoint, alice, algebra, sent, work):
    sent.answers[endpoint.url] = ERROR._replace(status=503, retry_after=DAY)
    event = write_event(klass=algebra)
    work()
    sent.take()
    endpoint.edit(Actor(alice), description="Ours", url=endpoint.url)
    assert Endpoint.objects.get().paused_until == NOW + DAY
    Endpoint.objects.update(told_at=NOW)
    endpoint.edit(Actor(alice), url="https://example.org/other")
    row = Endpoint.objects.get()
    assert (row.failing_since, row.paused_until, row.told_at) == (None, None, None)
    work()
    assert sent.take() == [("https://example.org/other", event.pk)]


def test_410_of_a_former_url_does_not_disable(endpoint, alice, algebra, sent, work, told):
    class Moving(list):
        def pop(self, _):
            endpoint.edit(Actor(alice), url="https://example.org/other")
            return ERROR._replace(status=410, error="It answered 410 Gone.")

    sent.answers[endpoint.url] = Moving([OK])
    write_event(klass=algebra)
    work()
    row = Endpoint.objects.get()
    assert (row.state, row.failing_since, told, states(only())) == ("ACTIVE", None, [], ["PENDING"])


def test_failures_for_five_days_disable(endpoint, lesson, algebra, sent, work, clock, told):
    sent.answers[endpoint.url] = ERROR
    write_event(klass=algebra)
    work()
    clock(5 * DAY - SECOND)
    write_event("session.ended", session=lesson)
    work()
    assert (Endpoint.objects.get().state, told) == ("ACTIVE", [])
    clock(5 * SECOND)
    work()
    row = Endpoint.objects.get()
    assert (row.state, row.disabled_reason, told) == ("DISABLED", "FAILING", [endpoint.pk])
    assert set(states(*deliveries())) == {"CANCELLED"}


def test_a_success_begins_the_five_days_anew(endpoint, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [ERROR, OK, ERROR]
    write_event(klass=algebra)
    work()
    clock(4 * DAY)
    work()
    write_event(klass=algebra)
    clock(4 * DAY)
    work()
    assert (Endpoint.objects.get().state, Endpoint.objects.get().failing_since) == ("ACTIVE", NOW + 8 * DAY)


def test_the_owner_is_told_once_of_events_that_are_given_up_until_a_success(endpoint, algebra, sent, work, told):
    sent.answers[endpoint.url] = [ERROR, ERROR, OK, ERROR]

    def fail_for_good():
        write_event(klass=algebra)
        consume_events()
        Delivery.objects.update(retries=len(RETRIES))
        work()

    fail_for_good()
    fail_for_good()
    assert told == [endpoint.pk]
    fail_for_good()
    fail_for_good()
    assert told == [endpoint.pk] * 2


def test_a_test_event_is_sent_once_and_the_owner_is_not_told(endpoint, alice, sent, work, told):
    sent.answers[endpoint.url] = ERROR
    delivery = Delivery.objects.send_test(endpoint, Actor(alice))
    work()
    assert (sent.take(), states(delivery), told) == ([(endpoint.url, delivery.event_id)], ["FAILED"], [])
    assert Endpoint.objects.get().failing_since is None


def test_410_to_a_test_event_disables_too(endpoint, alice, sent, work):
    sent.answers[endpoint.url] = ERROR._replace(status=410, error="It answered 410 Gone.")
    Delivery.objects.send_test(endpoint, Actor(alice))
    work()
    assert Endpoint.objects.get().disabled_reason == "GONE"


def test_resend_sends_what_was_delivered_with_the_same_id(endpoint, alice, algebra, sent, work):
    event = write_event(klass=algebra)
    work()
    only().resend(Actor(alice))
    work()
    assert (sent.take(), only().attempts) == ([(endpoint.url, event.pk)] * 2, 2)


def test_resend_waits_for_no_other_and_gets_all_retries(endpoint, alice, algebra, sent, work):
    sent.answers[endpoint.url] = [OK, ERROR, ERROR]
    first, second = write_event(klass=algebra), write_event(klass=algebra)
    work()
    Delivery.objects.filter(event_id=first.pk).update(retries=len(RETRIES), status="FAILED")
    sent.take()
    deliveries()[0].resend(Actor(alice))
    work()
    assert [event for _, event in sent.take()] == [first.pk]
    assert [(row.status, row.retries) for row in deliveries()] == [("PENDING", 1), ("PENDING", 1)]
    assert second.pk == deliveries()[1].event_id


def test_nothing_is_resent_to_a_disabled_endpoint(endpoint, alice, algebra, sent, work):
    write_event(klass=algebra)
    work()
    endpoint.disable(Actor(alice))
    with pytest.raises(Endpoint.Disabled):
        only().resend(Actor(alice))


def test_replay_sends_in_order_what_was_missed(endpoint, alice, algebra, sent, work, clock):
    forget_events()
    sent.answers[endpoint.url] = [OK, ERROR, OK, OK, OK, OK]
    delivered, failed, waiting = [write_event(klass=algebra) for _ in range(3)]
    work()
    endpoint.disable(Actor(alice))
    missed = write_event(klass=algebra)
    work()
    endpoint.enable(Actor(alice))
    last = write_event(klass=algebra)
    consume_events()
    sent.take()
    assert Delivery.objects.replay(endpoint, Actor(alice), NOW) == 3
    work()
    assert [event for _, event in sent.take()] == [failed.pk, waiting.pk, missed.pk, last.pk]
    assert states(*deliveries()) == ["SUCCEEDED"] * 5
    assert Delivery.objects.replay(endpoint, Actor(alice), NOW) == 0
    assert delivered.pk == deliveries()[0].event_id


def test_replay_begins_at_the_time_that_is_given(endpoint, alice, algebra, sent, work, clock):
    forget_events()
    endpoint.disable(Actor(alice))
    write_event(klass=algebra, at=NOW - SECOND)
    later = write_event(klass=algebra, at=NOW)
    work()
    endpoint.enable(Actor(alice))
    assert Delivery.objects.replay(endpoint, Actor(alice), NOW) == 1
    work()
    assert sent.take() == [(endpoint.url, later.pk)]


def test_replay_leaves_out_types_that_the_endpoint_does_not_get(alice, register, algebra, sent, work):
    endpoint = register(event_types=["class.archived"])
    endpoint.disable(Actor(alice))
    write_event("class.updated", klass=algebra)
    write_event("class.archived", klass=algebra)
    work()
    endpoint.enable(Actor(alice))
    assert Delivery.objects.replay(endpoint, Actor(alice), NOW) == 1


def test_a_replay_goes_on_where_the_last_one_ended(endpoint, alice, algebra, sent, work, monkeypatch):
    forget_events()
    monkeypatch.setattr("tutorarc.webhooks.models.delivery_queryset.REPLAYED_TOGETHER", 2)
    endpoint.disable(Actor(alice))
    events = [write_event(klass=algebra).pk for _ in range(3)]
    work()
    endpoint.enable(Actor(alice))
    counts = [Delivery.objects.replay(endpoint, Actor(alice), NOW) for _ in range(3)]
    work()
    assert (counts, [event for _, event in sent.take()]) == ([2, 1, 0], events)


def test_a_replay_of_what_is_too_old_is_refused(endpoint, alice, clock):
    Delivery.objects.replay(endpoint, Actor(alice), NOW - 30 * DAY)
    with pytest.raises(Delivery.TooOld):
        Delivery.objects.replay(endpoint, Actor(alice), NOW - 30 * DAY - SECOND)


def test_a_secret_that_can_not_be_read_is_a_failure_until_it_is_rotated(endpoint, alice, algebra, sent, work, settings):
    settings.SECRET_KEY = "another" * 10
    write_event(klass=algebra)
    work()
    assert (only().status, only().error) == (
        *("PENDING", "Its secret can't be read since the server's secret key was changed: rotate it."),
    )


def test_what_is_deleted_while_it_is_sent_is_forgotten(endpoint, alice, algebra, sent, work):
    class Deleting(list):
        def pop(self, _):
            endpoint.remove(Actor(alice))
            return OK

    sent.answers[endpoint.url] = Deleting([OK])
    write_event(klass=algebra)
    work()
    assert Delivery.objects.count() == 0


def test_what_is_cancelled_while_it_is_sent_stays_cancelled(endpoint, alice, algebra, sent, work):
    class Disabling(list):
        def pop(self, _):
            endpoint.disable(Actor(alice))
            return ERROR

    sent.answers[endpoint.url] = Disabling([OK])
    write_event(klass=algebra)
    work()
    assert (only().status, only().attempts) == ("CANCELLED", 0)


def test_old_deliveries_expire_when_they_are_done(endpoint, algebra, sent, work, clock):
    sent.answers[endpoint.url] = [OK, ERROR]
    write_event(klass=algebra)
    write_event(klass=algebra)
    work()
    clock(30 * DAY)
    assert list(Delivery.objects.expired()) == []
    clock(DAY)
    assert list(Delivery.objects.expired()) == [deliveries()[0]]


def test_a_failure_after_a_success_in_the_same_turn_counts(endpoint, algebra, sent, work):
    sent.answers[endpoint.url] = [OK, ERROR._replace(status=503, retry_after=MINUTE)]
    for _ in range(2):
        write_event(klass=algebra)
    work()
    row = Endpoint.objects.get()
    assert (row.failing_since, row.paused_until) == (NOW, NOW + MINUTE)


def test_after_a_replay_a_failure_holds_up_the_later_events_of_its_class(endpoint, alice, algebra, sent, work, clock):
    forget_events()
    cancelled = write_event(klass=algebra)
    consume_events()
    endpoint.disable(Actor(alice))
    missed = write_event(klass=algebra)
    consume_events()
    endpoint.enable(Actor(alice))
    Delivery.objects.replay(endpoint, Actor(alice), NOW)
    sent.answers[endpoint.url] = [ERROR, OK, OK]
    work()
    work()
    assert sent.take() == [(endpoint.url, cancelled.pk)]
    clock(5 * SECOND)
    work()
    assert [event for _, event in sent.take()] == [cancelled.pk, missed.pk]


@pytest.mark.parametrize("change", [{"is_active": False}, {"global_role": "STUDENT"}])
def test_a_test_event_is_not_sent_for_an_owner_who_gets_no_events(endpoint, alice, sent, work, change):
    delivery = Delivery.objects.send_test(endpoint, Actor(alice))
    User.objects.filter(pk=alice.pk).update(**change)
    work()
    assert (sent.take(), states(delivery)) == ([], ["CANCELLED"])
