"""`code_mode` and `code_expires_at` of classes: what becomes of a request to join, and who gets a free seat."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from classes.models import Class
from classes.seats import seats_of
from classes.tests.expected import SETTINGS
from members.models import Membership
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import conflict, invalid, verdict
from tutorarc.testing.events import events_of, types_of
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices

CLOSED, EXPIRED = conflict("code_closed"), conflict("code_expired")
EXPIRY = "2026-03-14T09:30:00Z"


@pytest.fixture
def settings(algebra, alice):
    """`settings(capacity=1)`: changes those of Alice's class."""
    return lambda **changes: algebra.change_settings(Actor(alice), **changes)


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}"


@pytest.fixture
def ask(api, algebra):
    return lambda person, code="": api(person).post("/join-requests", {"class_code": code or algebra.class_code})


def happened(klass, user):
    events = Event.objects.filter(class_id=klass.pk, user_id=user.pk).order_by("pk")
    return [(event.happened, event.actor_user_id) for event in events]


def statuses(klass, people):
    return [status_of(klass, person) for person in people]


@pytest.fixture
def students(make_user):
    return [make_user(f"Student{number}") for number in range(4)]


# The settings


def test_a_teacher_changes_them(api, alice, algebra, path):
    sent = {"code_mode": "CLOSED", "code_expires_at": "2026-03-14T10:30:00+01:00"}
    shown = SETTINGS | {"code_mode": "CLOSED", "code_expires_at": EXPIRY}
    client = api(alice)
    assert client.patch(f"{path}/settings", sent).json() == client.get(f"{path}/settings").json() == shown
    assert client.patch(f"{path}/settings", {"code_mode": "APPROVAL", "code_expires_at": None}).json() == SETTINGS
    assert [event.changes for event in events_of(algebra, "class.settings_changed")] == [
        {"code_mode": ["APPROVAL", "CLOSED"], "code_expires_at": [None, EXPIRY]},
        {"code_mode": ["CLOSED", "APPROVAL"], "code_expires_at": [EXPIRY, None]},
    ]
    [created] = events_of(algebra, "class.created")
    assert "code_mode" not in created.changes


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("code_mode", "open", "invalid_choice"),
        ("code_mode", None, "null"),
        ("code_mode", "", "invalid_choice"),
        ("code_expires_at", "2026-03-14", "moment"),
        ("code_expires_at", 7, "moment"),
    ],
)
def test_wrong_values_are_400(api, alice, algebra, path, field, value, code):
    assert verdict(api(alice).patch(f"{path}/settings", {field: value})) == invalid(field, code)
    assert types_of(algebra) == ["created"]


def test_they_are_changed_on_the_tab_and_in_the_admin_site(signed_in, alice, root, algebra, path):
    before = {"initial-code_mode": "APPROVAL", "initial-code_expires_at": ""}
    sent = before | {"_method": "PATCH", "code_mode": "OPEN", "code_expires_at": "2036-01-01T10:00"}
    signed_in(alice).post(f"{path}/settings", form(**sent), FORM, headers=HTML)
    algebra.refresh_from_db()
    assert (algebra.code_mode, f"{algebra.code_expires_at:%F %R}") == ("OPEN", "2036-01-01 10:00")
    values = {"title": algebra.title, "description": algebra.description, "code_mode": "CLOSED"}
    values |= {"initial-code_expires_at_0": "2036-01-01", "initial-code_expires_at_1": "10:00:00"}
    address = f"http://testserver/admin/classes/class/{algebra.pk}/change/"
    signed_in(root).post(address, form(**values, code_expires_at_0="", code_expires_at_1=""), FORM, headers=HTML)
    algebra.refresh_from_db()
    assert (algebra.code_mode, algebra.code_expires_at) == ("CLOSED", None)


# Refusals


@pytest.mark.parametrize(
    ("changes", "refusal"), [({"code_mode": "CLOSED"}, CLOSED), ({"code_expires_at": "now"}, EXPIRED)]
)
def test_only_somebody_with_the_right_code_is_told(ask, bob, charlie, algebra, join, settings, changes, refusal):
    join(algebra, charlie, "REJECTED")
    settings(**{name: timezone.now() if value == "now" else value for name, value in changes.items()})
    assert verdict(ask(bob)) == refusal
    assert verdict(ask(bob, "ALGE-2222")) == invalid("class_code", "wrong_code")
    assert verdict(ask(charlie)) == conflict("already_on_record")
    assert happened(algebra, bob) == []


def test_a_code_is_valid_until_it_expires(ask, bob, charlie, algebra, settings, time_machine):
    expiry = datetime(2036, 3, 14, tzinfo=UTC)
    settings(code_expires_at=expiry)
    time_machine.move_to(expiry - timedelta(seconds=1), tick=False)
    assert ask(bob).status_code == 201
    time_machine.move_to(expiry, tick=False)
    assert verdict(ask(charlie)) == EXPIRED


# Everybody comes in


def test_with_a_free_seat_a_request_is_approved_at_once(ask, bob, algebra, settings):
    settings(code_mode="OPEN")
    answer = ask(bob)
    assert (answer.status_code, answer.json()["status"], answer.json()["joined_at"] is None) == (201, "APPROVED", False)
    assert happened(algebra, bob) == [("requested", bob.pk), ("approved", None)]


def test_without_a_seat_a_request_waits_and_the_oldest_gets_the_next_seat(
    api, ask, alice, bob, charlie, students, algebra, path, settings
):
    settings(code_mode="OPEN", capacity=1)
    assert [ask(person).json()["status"] for person in (bob, charlie, *students)] == ["APPROVED", *["PENDING"] * 5]
    api(alice).post(f"{path}/members/remove", {"user_id": bob.pk})
    assert statuses(algebra, [bob, charlie, *students]) == ["REMOVED", "APPROVED", *["PENDING"] * 4]
    api(charlie).post(f"{path}/leave")
    assert statuses(algebra, students) == ["APPROVED", *["PENDING"] * 3]
    assert happened(algebra, students[0]) == [("requested", students[0].pk), ("approved", None)]
    api(alice).patch(f"{path}/settings", {"capacity": 3})
    assert statuses(algebra, students) == [*["APPROVED"] * 3, "PENDING"]
    api(alice).patch(f"{path}/settings", {"capacity": None})
    assert statuses(algebra, students) == ["APPROVED"] * 4


def test_a_student_who_becomes_a_teacher_frees_a_seat(alice, ask, bob, dora, algebra, settings):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    settings(code_mode="OPEN", capacity=1)
    ask(bob)
    Membership.objects.change_role(algebra, dora.pk, "TEACHER", Actor(alice))
    assert status_of(algebra, bob) == "APPROVED"
    with pytest.raises(Class.Full):
        Membership.objects.change_role(algebra, dora.pk, "STUDENT", Actor(alice))


def test_removals_of_many_and_changes_of_roles_free_seats_too(alice, ask, students, dora, algebra, settings):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    settings(code_mode="OPEN", capacity=2)
    for student in students:
        ask(student)
    Membership.objects.remove_many(algebra, [students[0].pk], Actor(alice))
    assert statuses(algebra, students) == ["REMOVED", "APPROVED", "PENDING", "PENDING"]
    Membership.objects.change_roles(algebra, [dora.pk], "TEACHER", Actor(alice))
    assert statuses(algebra, students) == ["REMOVED", "APPROVED", "APPROVED", "PENDING"]


def test_opening_a_class_lets_in_all_who_wait_but_nobody_as_a_teacher(alice, dora, algebra, join, students, settings):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, dora.pk, Actor(alice))
    Membership.objects.reopen(algebra, [dora.pk], Actor(alice))
    for student in students:
        join(algebra, student, "PENDING")
    settings(code_mode="OPEN", capacity=3)
    assert statuses(algebra, students) == [*["APPROVED"] * 3, "PENDING"]
    assert status_of(algebra, dora) == "PENDING"


def test_reopening_gives_no_seat(api, alice, bob, algebra, join, path, settings):
    settings(code_mode="OPEN")
    Membership.objects.enrol(algebra, bob, "STUDENT", Actor(alice))
    Membership.objects.remove(algebra, bob.pk, Actor(alice))
    assert api(alice).post(f"{path}/members/reopen", {"user_ids": [bob.pk]}).json()[0]["status"] == "PENDING"
    assert api(alice).post(f"{path}/members/approve", {"user_ids": [bob.pk]}).json()[0]["status"] == "APPROVED"


def test_in_other_classes_a_removal_costs_as_before(api, alice, bob, algebra, join, path, django_assert_num_queries):
    join(algebra, bob)
    client = api(alice)
    with django_assert_num_queries(8):
        client.post(f"{path}/members/remove", {"user_id": bob.pk})


# Pages


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "You join once a teacher approves your request."),
        ({"code_mode": "OPEN"}, "You join right away."),
        ({"code_mode": "OPEN", "capacity": 1}, "All seats are taken. You join as soon as one is free."),
        ({"code_mode": "CLOSED"}, "Nobody can join this class with its code at the moment."),
        ({"code_expires_at": "2026-01-01T00:00:00+00:00"}, "This code has expired."),
    ],
)
def test_the_page_of_the_code_tells_what_comes_of_it(signed_in, bob, charlie, algebra, join, settings, changes, told):
    join(algebra, charlie)
    if expiry := changes.get("code_expires_at"):
        changes = {"code_expires_at": datetime.fromisoformat(expiry)}
    settings(**changes)
    page = signed_in(bob).get(f"http://testserver/j/{algebra.class_code}", headers=HTML)
    assert told in page.content.decode()


def test_pages_tell_who_joined_and_who_waits(post_form, bob, charlie, algebra, settings, path):
    settings(code_mode="OPEN", capacity=1)
    sent = {"class_code": algebra.class_code}
    assert notices(post_form(bob, f"{path}/join-request", **sent)) == ["You have joined the class."]
    page = post_form(charlie, f"{path}/join-request", **sent).content.decode()
    assert ("Waiting for a free seat." in page, "You are number 1 on the waiting list." in page) == (True, True)


@pytest.mark.parametrize(
    ("mode", "told"),
    [("OPEN", "join right away, as long as there are free seats"), ("CLOSED", "Nobody can join with this code now.")],
)
def test_the_card_of_the_code_tells_its_mode(signed_in, alice, algebra, settings, path, mode, told):
    settings(code_mode=mode)
    assert told in signed_in(alice).get(path, headers=HTML).content.decode()


@pytest.mark.parametrize(("mode", "is_shown"), [("APPROVAL", True), ("CLOSED", False)])
def test_the_screen_for_a_projector_shows_a_code_that_works(signed_in, alice, algebra, settings, mode, is_shown):
    settings(code_mode=mode)
    page = signed_in(alice).get(f"http://testserver/classes/{algebra.pk}/code").content.decode()
    assert ("big-code" in page, "Nobody can join with the code of this class now." in page) == (is_shown, not is_shown)


# Races


@pytest.mark.django_db(transaction=True)
def test_forty_requests_at_once_for_the_last_seat_fill_it_once(ask, algebra, make_user, settings, run_together):
    settings(code_mode="OPEN", capacity=1)
    people = [make_user(f"Person{number}") for number in range(40)]
    answers = run_together([lambda person=person: ask(person).json()["status"] for person in people])
    assert (Counter(answers), seats_of(algebra)) == ({"APPROVED": 1, "PENDING": 39}, (1, 39))


@pytest.mark.django_db(transaction=True)
def test_seats_that_become_free_at_once_are_all_given(api, ask, algebra, make_user, settings, path, run_together):
    settings(code_mode="OPEN", capacity=4)
    people = [make_user(f"Person{number}") for number in range(10)]
    for person in people:
        ask(person)
    left = run_together([lambda person=person: api(person).post(f"{path}/leave") for person in people[:4]])
    assert [answer.status_code for answer in left] == [200] * 4
    assert statuses(algebra, people) == [*["REMOVED"] * 4, *["APPROVED"] * 4, *["PENDING"] * 2]
