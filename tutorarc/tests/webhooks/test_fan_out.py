"""Which endpoints get which events, when the events are new and when they are delivered."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.tests.feed.events import write_event
from tutorarc.webhooks.fan_out import fan_out
from tutorarc.webhooks.models import Delivery, Endpoint
from tutorarc.webhooks.models.visibility import visible_events


@pytest.fixture
def botany(dora):
    return Class.objects.create_with_teacher(Actor(dora), title="Botany")


def received(sent):
    """Pairs of the URL's last part and the event."""
    return [(url.rpartition("/")[2], event) for url, event in sent.take()]


@pytest.fixture
def everybody(alice, dora, admin, bob, algebra, botany, register):
    """Endpoints of a teacher for all, for a class, and of others."""
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(admin))
    return {
        "alice": register(url="https://example.org/alice"),
        "alice in algebra": register(url="https://example.org/algebra", class_id=algebra.pk),
        "alice in botany": register(url="https://example.org/not-hers", class_id=botany.pk),
        "dora": register(dora, url="https://example.org/dora"),
        "dora in algebra": register(dora, url="https://example.org/dora-algebra", class_id=algebra.pk),
        "admin": register(admin, url="https://example.org/admin"),
        "bob": register(bob, url="https://example.org/student"),
    }


def test_an_event_of_a_class_goes_to_its_creator_its_teachers_and_administrators(everybody, algebra, sent, work):
    event = write_event(klass=algebra)
    work()
    assert received(sent) == [(name, event.pk) for name in ("alice", "algebra", "dora-algebra", "admin")]


def test_an_event_of_a_session_without_a_class_goes_to_its_creator_and_administrators(everybody, schedule, sent, work):
    session = schedule()
    work()
    sent.take()
    event = write_event("session.ended", session=session)
    work()
    assert received(sent) == [("alice", event.pk), ("admin", event.pk)]


def test_an_event_of_a_person_goes_to_administrators(everybody, alice, sent, work):
    event = write_event("user.updated", user_id=alice.pk)
    work()
    assert received(sent) == [("admin", event.pk)]


def test_what_is_queued_is_what_the_feed_shows(everybody, algebra, botany, schedule, alice):
    """Both decide alike: `wants` for many endpoints at once, and the queryset that `GET /events` uses."""
    own, of_class = schedule(), schedule(klass=algebra)
    consume_events()
    Delivery.objects.all().delete()
    events = [
        write_event(klass=algebra).pk,
        write_event(klass=botany).pk,
        write_event("session.ended", session=own).pk,
        write_event("session.ended", session=of_class).pk,
        write_event("user.updated", user_id=alice.pk).pk,
        write_event("api_key.created", user_id=alice.pk).pk,
    ]
    consume_events()
    for name, endpoint in everybody.items():
        shown = visible_events(endpoint).filter(pk__in=events).values_list("pk", flat=True)
        queued = endpoint.deliveries.order_by("position").values_list("event_id", flat=True)
        assert (name, list(queued)) == (name, list(shown))
    assert Delivery.objects.count() == 13


def test_an_endpoint_gets_only_the_types_that_it_names(register, algebra, sent, work):
    register(event_types=["class.archived", "session.ended"])
    write_event("class.updated", klass=algebra)
    event = write_event("class.archived", klass=algebra)
    work()
    assert received(sent) == [("1", event.pk)]


def test_an_endpoint_gets_nothing_from_before_it_was_made(register, algebra, sent, work):
    write_event(klass=algebra)
    register()
    work()
    assert received(sent) == []


def test_a_disabled_endpoint_gets_nothing(register, alice, algebra, sent, work):
    register().disable(Actor(alice))
    write_event(klass=algebra)
    work()
    assert (received(sent), Delivery.objects.count()) == ([], 0)


def deactivate(owner, klass, root):
    owner.edit(Actor(root), is_active=False)


def demote(owner, klass, root):
    owner.edit(Actor(root), global_role="STUDENT")


def remove_from_class(owner, klass, root):
    Membership.objects.remove(klass, owner.pk, Actor(root))


LOSSES = [(deactivate, False), (demote, False), (deactivate, True), (demote, True), (remove_from_class, True)]


@pytest.fixture
def endpoint(alice, dora, admin, algebra, register, request):
    """Alice's, for her class or for all; Dora is its teacher too."""
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(admin))
    return register(class_id=algebra.pk if request.param else None)


@pytest.mark.parametrize(("lose", "endpoint"), LOSSES, indirect=["endpoint"])
def test_an_owner_who_may_not_see_an_event_when_it_happens_gets_none(endpoint, lose, alice, root, algebra, sent, work):
    lose(alice, algebra, root)
    write_event(klass=algebra)
    work()
    assert (received(sent), Delivery.objects.count()) == ([], 0)


@pytest.mark.parametrize(("lose", "endpoint"), LOSSES, indirect=["endpoint"])
def test_an_owner_who_may_not_see_an_event_when_it_is_sent_gets_none(endpoint, lose, alice, root, algebra, sent, work):
    write_event(klass=algebra)
    consume_events()
    lose(alice, algebra, root)
    work()
    assert received(sent) == []
    [delivery] = Delivery.objects.all()
    assert (delivery.status, delivery.error) == ("CANCELLED", "Its owner may not see this event any more.")


def test_the_body_is_the_event_as_the_feed_shows_it(api, alice, admin, algebra, register, sent, work):
    register()
    event = write_event("class.updated", klass=algebra, data={"id": algebra.pk, "class_code": "ALGO-7P4X"})
    work()
    [shown] = [row for row in api(alice).get("/events?page_size=100").json()["results"] if row["id"] == event.pk]
    assert json.loads(sent.bodies[0]) == shown
    assert shown["data"]["class_code"] == "ALGO-7P4X"


def test_a_creator_who_left_the_class_is_not_sent_its_code(alice, dora, admin, algebra, register, sent, work):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(admin))
    Membership.objects.leave(algebra, Actor(alice))
    register()
    write_event("class.updated", klass=algebra, data={"id": algebra.pk, "class_code": "ALGO-7P4X"})
    work()
    assert json.loads(sent.bodies[0])["data"] == {"id": algebra.pk, "class_code": ""}


def test_a_write_costs_the_same_without_endpoints_and_with_100(alice, algebra):
    with CaptureQueriesContext(connection) as without:
        algebra.edit(Actor(alice), description="First")
    Endpoint.objects.bulk_create([Endpoint(owner=alice, url="https://example.org/", secret="x") for _ in range(100)])
    with CaptureQueriesContext(connection) as with_endpoints:
        algebra.edit(Actor(alice), description="Second")
    assert len(with_endpoints) == len(without) > 0


@pytest.mark.parametrize("count", [2, 5])
def test_a_batch_costs_the_same_for_few_endpoints_and_for_many(register, algebra, django_assert_num_queries, count):
    endpoints = [register() for _ in range(count)]
    events = [write_event(klass=algebra) for _ in range(count)]
    number_events()
    with django_assert_num_queries(6):
        fan_out(list(Event.objects.numbered().filter(pk__in=[event.pk for event in events])))
    assert Delivery.objects.count() == len(endpoints) * len(events)
