"""`capacity` of classes: no verb makes more students than there are seats."""

from collections import Counter

import pytest

from classes.models import Class
from classes.seats import seats_of
from classes.tests.expected import SETTINGS
from members.models import Invitation, Membership
from members.models.invitation_queryset import Guest
from members.tests.expected import status_of
from members.tests.test_membership_indexes import plan
from tutorarc.domain.events import Actor
from tutorarc.testing.client import Client, conflict, invalid, verdict
from tutorarc.testing.events import events_of, types_of
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices
from tutorarc.tests.db.large_tables import count_rows

FULL = conflict("class_full")


@pytest.fixture
def seats(algebra, alice):
    """`seats(2)`: Alice's class with two seats."""

    def give(number):
        return algebra.change_settings(Actor(alice), capacity=number)

    return give


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}/members"


@pytest.fixture
def settings_path(algebra):
    return f"/classes/{algebra.pk}/settings"


@pytest.fixture
def students(make_user):
    return [make_user(f"Student{number}") for number in range(4)]


def approve(client, path, *people):
    return client.post(f"{path}/approve", {"user_ids": [person.pk for person in people]})


def test_the_settings_tell_how_many_seats_are_taken(api, alice, bob, charlie, algebra, join, settings_path):
    join(algebra, bob, "APPROVED")
    join(algebra, charlie, "PENDING")
    client, shown = api(alice), SETTINGS | {"seats_taken": 1, "waiting": 1}
    assert client.patch(settings_path, {"capacity": 2}).json() == shown | {"capacity": 2}
    assert client.patch(settings_path, {"capacity": None}).json() == client.get(settings_path).json() == shown
    changes = [event.changes for event in events_of(algebra, "class.settings_changed")]
    assert changes == [{"capacity": [None, 2]}, {"capacity": [2, None]}]


@pytest.mark.parametrize(
    ("capacity", "code"),
    [(0, "min_value"), (100_001, "max_value"), (1.5, "invalid"), ("2", "invalid"), ("", "invalid")],
)
def test_a_wrong_capacity_is_400(api, alice, algebra, settings_path, capacity, code):
    assert verdict(api(alice).patch(settings_path, {"capacity": capacity})) == invalid("capacity", code)
    assert types_of(algebra) == ["created"]


def test_a_batch_needs_a_seat_for_each(api, alice, algebra, seats, join, path, students):
    seats(3)
    for student in students:
        join(algebra, student, "PENDING")
    client = api(alice)
    assert approve(client, path, *students[:2]).status_code == 200
    refused = approve(client, path, *students[2:])
    assert verdict(refused) == FULL
    assert refused.json()["error"]["message"] == "Nothing was changed: 1 of 3 seats is free, which is not enough."
    assert [status_of(algebra, student) for student in students] == ["APPROVED", "APPROVED", "PENDING", "PENDING"]
    assert approve(client, path, students[2]).status_code == 200


def test_enrolling_needs_a_seat_and_a_teacher_needs_none(api, alice, admin, bob, charlie, dora, algebra, seats, path):
    seats(1)
    client = api(admin)
    assert client.post(path, {"user_id": bob.pk, "role": "STUDENT"}).status_code == 201
    assert verdict(client.post(path, {"user_id": charlie.pk, "role": "STUDENT"})) == FULL
    assert client.post(path, {"user_id": dora.pk, "role": "TEACHER"}).status_code == 201
    assert verdict(client.patch(f"{path}/{dora.pk}", {"role": "STUDENT"})) == FULL
    with pytest.raises(Class.Full):
        Membership.objects.change_roles(algebra, [dora.pk], "STUDENT", Actor(alice))
    assert client.patch(f"{path}/{dora.pk}", {"role": "TEACHER"}).status_code == 200
    client.post(f"{path}/remove", {"user_id": bob.pk})
    assert client.patch(f"{path}/{dora.pk}", {"role": "STUDENT"}).status_code == 200


def test_a_removed_person_needs_a_seat_again(api, alice, bob, charlie, algebra, seats, join, path):
    seats(1)
    join(algebra, bob, "APPROVED")
    client = api(alice)
    client.post(f"{path}/remove", {"user_id": bob.pk})
    join(algebra, charlie, "APPROVED")
    assert client.post(f"{path}/reopen", {"user_ids": [bob.pk]}).status_code == 200
    assert verdict(approve(client, path, bob)) == FULL


@pytest.mark.parametrize("status", ["", "PENDING", "REMOVED"])
@pytest.mark.parametrize("role", ["STUDENT", "TEACHER"])
def test_only_a_student_needs_a_seat_to_accept_an_invitation(alice, bob, dora, algebra, seats, join, status, role):
    if status:
        join(algebra, dora, status)
    join(algebra, bob)
    seats(1)
    [invitation] = Invitation.objects.send(algebra, [Guest(dora.email)], role, Actor(alice), site="https://x.org")
    if role == "TEACHER":
        assert invitation.accept(Actor(dora)).role == "TEACHER"
        return
    with pytest.raises(Class.Full):
        invitation.accept(Actor(dora))
    invitation.refresh_from_db()
    assert invitation.status == "PENDING"


def test_the_page_of_an_invitation_tells_that_the_class_is_full(signed_in, alice, bob, charlie, algebra, seats, join):
    join(algebra, bob)
    seats(1)
    [invitation] = Invitation.objects.send(
        algebra, [Guest(charlie.email)], "STUDENT", Actor(alice), site="https://x.org"
    )
    sent = form(answer="accept", person=charlie.pk)
    page = signed_in(charlie).post(f"http://testserver/invitations/{invitation.pk}", sent, FORM, headers=HTML)
    told = "This class has no free seat at the moment. Ask its teacher, and try again later."
    assert (page.status_code, told in page.content.decode()) == (409, True)


def test_fewer_seats_than_students_remove_nobody(api, alice, bob, charlie, dora, algebra, seats, join, path):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    seats(2)
    seats(1)
    assert verdict(approve(api(alice), path, charlie)) == FULL
    assert [status_of(algebra, person) for person in (bob, charlie, dora)] == ["APPROVED", "PENDING", "APPROVED"]


def test_a_seat_costs_one_statement_and_nothing_without_a_capacity(
    api, alice, algebra, seats, join, path, students, django_assert_num_queries
):
    for student in students:
        join(algebra, student, "PENDING")
    client = api(alice)
    with django_assert_num_queries(7):
        approve(client, path, *students[:2])
    seats(4)
    with django_assert_num_queries(8):
        approve(client, path, *students[2:])


def test_counting_seats_reads_nobody_who_is_not_in_the_class(algebra, alice, crowd):
    crowd(algebra, 2_000, "REMOVED")
    crowd(Class.objects.create_with_teacher(Actor(alice), title="Botany"), 2_000)
    count_rows()
    counted = plan(algebra.memberships.filter(status="APPROVED").order_by().values("pk"))
    assert ("members_by_status" in counted, seats_of(algebra)) == (True, (0, 0))


def test_pages_show_the_seats(signed_in, alice, bob, charlie, algebra, seats, join):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    seats(20)
    browser = signed_in(alice)
    for address in (f"/classes/{algebra.pk}", f"/classes/{algebra.pk}/settings"):
        assert "1 of 20 seats taken, 1 waiting" in browser.get(address, headers=HTML).content.decode()
    assert "seats taken" not in signed_in(bob).get(f"/classes/{algebra.pk}", headers=HTML).content.decode()


def test_the_people_tab_tells_that_there_are_too_few_seats(post_form, alice, bob, charlie, algebra, seats, join):
    for student in (bob, charlie):
        join(algebra, student, "PENDING")
    seats(1)
    page = post_form(alice, f"/classes/{algebra.pk}/members/approve", user_ids=[bob.pk, charlie.pk])
    told = "Nothing was changed: the class doesn’t have enough free seats."
    assert (page.status_code, page.context["problem"].startswith(told)) == (409, True)


def test_the_page_to_invite_people_names_those_without_a_seat(alice, bob, charlie, algebra, seats, join):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    seats(1)
    client = Client()
    client.force_login(alice)
    sent = {"people": charlie.email, "role": "STUDENT", "message": ""}
    address = f"http://testserver/classes/{algebra.pk}/invite"
    page = super(Client, client).post(address, sent, follow=True, headers=HTML)
    assert notices(page) == ["There is no free seat for Charlie."]


@pytest.mark.django_db(transaction=True)
def test_forty_requests_for_the_last_seat_fill_it_once(
    api, alice, admin, algebra, make_user, seats, join, run_together
):
    waiting = [make_user(f"Waiting{number}") for number in range(20)]
    others = [make_user(f"Other{number}") for number in range(20)]
    for student in waiting:
        join(algebra, student, "PENDING")
    seats(1)
    path, teacher, administrator = f"/classes/{algebra.pk}/members", api(alice), api(admin)
    calls = [lambda one=one: approve(teacher, path, one) for one in waiting]
    calls += [lambda one=one: administrator.post(path, {"user_id": one.pk, "role": "STUDENT"}) for one in others]
    answers = Counter("done" if answer.status_code < 300 else verdict(answer)[1] for answer in run_together(calls))
    assert answers == {"done": 1, "class_full": 39}
    assert seats_of(algebra).taken == 1


@pytest.mark.django_db(transaction=True)
def test_approvals_side_by_side_notice_a_capacity_that_was_set_meanwhile(
    alice, algebra, seats, join, students, run_together
):
    for student in students:
        join(algebra, student, "PENDING")
    seats(2)
    assert algebra.capacity is None  # as it was when the class was loaded
    approvals = [lambda one=one: Membership.objects.approve(algebra, [one.pk], Actor(alice)) for one in students]
    outcomes = Counter(type(answer).__name__ for answer in run_together(approvals))
    assert (outcomes, seats_of(algebra).taken) == ({"list": 2, "Full": 2}, 2)
