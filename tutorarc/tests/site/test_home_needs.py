"""What the home page says that a user has to do."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from apikeys.models import ApiKey
from classes.models import Class
from members.home_parts import PEOPLE_SHOWN
from members.models import Membership
from members.pending import MAX_COUNTED, classes_with_people_waiting
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.tests.webhooks.expected import new_webhook

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def needs(client, user):
    """The parts of the page, by the names of their templates."""
    client.force_login(user)
    return {
        part["template"].rpartition("/")[2].removesuffix(".html"): part for part in client.get("/").context["needs"]
    }


def queues(client, user):
    part = needs(client, user).get("requests", {"queues": []})
    return [
        (queue.klass.title, queue.number, [member.user.display_name for member in queue.members])
        for queue in part["queues"]
    ]


@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
def test_nothing_is_shown_to_whom_nothing_waits(client, request, algebra, who):
    user = request.getfixturevalue(who)
    assert needs(client, user) == {}
    assert "Needs you" not in client.get("/").content.decode()


# Join requests


def test_a_teacher_sees_who_asks_the_oldest_request_first(client, alice, bob, charlie, join):
    first, second = (Class.objects.create_with_teacher(Actor(alice), title=title) for title in ("First", "Second"))
    for klass, user in ((second, bob), (first, charlie), (first, bob)):
        join(klass, user, "PENDING")
    assert queues(client, alice) == [("Second", "1", ["Bob"]), ("First", "2", ["Charlie", "Bob"])]


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_a_request_is_answered_by_the_call_of_the_api(client, alice, bob, algebra, join, verb):
    join(algebra, bob, "PENDING")
    client.force_login(alice)
    page = client.get("/").content.decode()
    [action] = re.findall(rf'action="(/api/v1/classes/{algebra.pk}/members/{verb})"', page)[:1]
    answer = client.post(action, {"user_ids": bob.pk}, headers={"Accept": "text/html"})
    status = {"approve": "APPROVED", "reject": "REJECTED"}[verb]
    assert (answer.status_code, Membership.objects.get(user=bob).status) == (200, status)
    assert len(re.findall('<div class="notice good"', answer.content.decode())) == 1  # what takes the place of the row


def test_all_requests_of_a_class_are_approved_at_once_if_all_are_shown(client, alice, bob, algebra, crowd, join):
    crowd(algebra, PEOPLE_SHOWN, "PENDING")
    client.force_login(alice)
    page = client.get("/").content.decode()
    assert ("Approve all 5" in page, "All requests of this class" in page) == (True, False)
    join(algebra, bob, "PENDING")
    page = client.get("/").content.decode()
    assert ("Approve all" in page, "All requests of this class" in page) == (False, True)


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "REMOVED"])
def test_answered_requests_are_not_shown(client, alice, algebra, crowd, status):
    crowd(algebra, 1, status)
    assert queues(client, alice) == []


def test_requests_of_an_archived_class_are_not_shown(client, alice, algebra, crowd):
    crowd(algebra, 1, "PENDING")
    algebra.archive(Actor(alice))
    assert queues(client, alice) == []


def test_only_a_class_teacher_sees_the_requests(client, algebra, crowd, dora, admin, make_user):
    colleague, past = make_user("Colleague", "TEACHER"), make_user("Past", "TEACHER")
    by = Actor(algebra.created_by)
    Membership.objects.enrol(algebra, dora, "STUDENT", by)
    Membership.objects.enrol(algebra, colleague, "TEACHER", by)
    Membership.objects.enrol(algebra, past, "TEACHER", by)
    Membership.objects.remove(algebra, past.pk, by)
    crowd(algebra, 1, "PENDING")
    assert [len(queues(client, user)) for user in (dora, admin, past, colleague)] == [0, 0, 0, 1]


def test_requests_are_counted_up_to_a_hundred(client, alice, algebra, crowd):
    crowd(algebra, MAX_COUNTED, "PENDING")
    [klass] = classes_with_people_waiting(alice)
    assert klass.waiting == 100
    assert [count for _, count, _ in queues(client, alice)] == ["100+"]
    Membership.objects.reject(algebra, [Membership.objects.waiting()[0].user_id], Actor(alice))
    assert [count for _, count, _ in queues(client, alice)] == ["99"]


# Lessons that nobody has ended


def open_lessons(client, user):
    part = needs(client, user).get("open_lessons", {"sessions": []})
    return [session.title for session in part["sessions"]]


def test_lessons_that_nobody_has_ended_wait_for_their_creator(client, alice, dora, algebra, schedule):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    schedule(klass=algebra, title="Yesterday", start_time=NOON - DAY, strict=False)
    schedule(title="An hour over", start_time=NOON - 2 * HOUR, strict=False)
    schedule(title="Overruns", start_time=NOON - 2 * HOUR + HOUR / 60, strict=False)
    schedule(title="Ended by the clock", start_time=NOON - DAY)
    schedule(title="Ended", start_time=NOON - DAY, strict=False).end(Actor(alice))
    schedule(title="Long ago", start_time=NOON - 31 * DAY, strict=False)
    assert (open_lessons(client, alice), open_lessons(client, dora)) == (["An hour over", "Yesterday"], [])


def test_a_lesson_that_its_creator_may_not_end_does_not_wait_for_them(client, alice, dora, algebra, schedule):
    schedule(klass=algebra, title="Yesterday", start_time=NOON - DAY, strict=False)
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    assert open_lessons(client, alice) == []


def test_a_lesson_of_an_archived_class_does_not_wait(client, alice, algebra, schedule):
    schedule(klass=algebra, title="Yesterday", start_time=NOON - DAY, strict=False)
    algebra.archive(Actor(alice))
    assert open_lessons(client, alice) == []


def test_a_lesson_is_ended_from_here(client, alice, schedule):
    session = schedule(title="Yesterday", start_time=NOON - DAY, strict=False)
    client.force_login(alice)
    assert f'action="/api/v1/sessions/{session.pk}/end"' in client.get("/").content.decode()
    answer = client.post(f"/api/v1/sessions/{session.pk}/end", headers={"Accept": "text/html"})
    assert (answer.status_code, len(re.findall('<div class="notice good"', answer.content.decode()))) == (200, 1)
    assert open_lessons(client, alice) == []


# Webhooks and API keys


def test_a_webhook_that_fails_is_shown_to_its_owner(client, alice, dora):
    webhook = new_webhook(alice)
    assert needs(client, alice) == {}
    type(webhook).objects.update(failing_since=NOON - DAY)
    assert [endpoint.pk for endpoint in needs(client, alice)["failing_webhooks"]["endpoints"]] == [webhook.pk]
    assert needs(client, dora) == {}
    type(webhook).objects.update(state="DISABLED", disabled_reason="OWNER")
    assert needs(client, alice) == {}


def expiring(client, user):
    return [key.name for key in needs(client, user).get("expiring_keys", {"keys": []})["keys"]]


def test_keys_that_expire_in_two_weeks_are_shown_the_soonest_first(client, alice, dora):
    for name, days in (("Later", 13), ("Soon", 1), ("Much later", 15)):
        ApiKey.objects.issue(alice, SYSTEM, name=name, expires_at=NOON + days * DAY)
    ApiKey.objects.issue(alice, SYSTEM, name="Never")
    assert (expiring(client, alice), expiring(client, dora)) == (["Soon", "Later"], [])


def test_a_key_that_was_rotated_needs_nobody(client, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM, name="Website", expires_at=NOON + 90 * DAY)
    key.rotate(Actor(alice), overlap=DAY)
    assert expiring(client, alice) == []


def test_a_key_that_is_revoked_needs_nobody(client, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM, name="Website", expires_at=NOON + DAY)
    key.revoke(Actor(alice))
    assert expiring(client, alice) == []
