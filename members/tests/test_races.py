"""Concurrent requests: real threads, each with a database connection of its own."""

from collections import Counter

import pytest

from classes import codes
from classes.models import Class
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.events import events_of

pytestmark = pytest.mark.django_db(transaction=True)

REPEATED = pytest.mark.parametrize("attempt", range(5))


@pytest.fixture
def together(run_together):
    """`together((client, path, body), …)`: sends all the POSTs at once and returns their statuses, in order."""

    def post_together(*requests):
        answers = run_together([lambda request=request: _post(*request) for request in requests])
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return [answer.status_code for answer in answers]

    return post_together


def _post(client, path, body=None):
    return client.post(path, body)


@pytest.fixture
def co_taught(algebra, alice, dora):
    """Alice's class with Dora as its second teacher."""
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    return algebra


def teachers(klass):
    return {member.user_id for member in klass.memberships.teachers()}


def happened(klass, user):
    """What happened to this person in this class, oldest first."""
    events = Event.objects.filter(class_id=klass.pk, user_id=user.pk).order_by("pk")
    return [event.happened for event in events]


# One record for each user and class


def test_only_one_of_twenty_concurrent_join_requests_of_a_student_succeeds(algebra, bob, api, together):
    body = {"class_code": algebra.class_code}
    paths = [f"/classes/{algebra.pk}/join-request", "/join-requests"] * 10
    statuses = together(*((api(bob), path, body) for path in paths))
    assert Counter(statuses) == {201: 1, 409: 19}
    assert algebra.memberships.filter(user=bob).count() == 1
    assert happened(algebra, bob) == ["requested"]


@REPEATED
def test_only_one_of_a_concurrent_enrolment_and_join_request_succeeds(
    attempt, algebra, alice, bob, api, known_to, together
):
    known_to(alice, bob)
    statuses = together(
        (api(alice), f"/classes/{algebra.pk}/members", {"user_id": bob.pk, "role": "STUDENT"}),
        (api(bob), "/join-requests", {"class_code": algebra.class_code}),
    )
    assert sorted(statuses) == [201, 409]
    assert happened(algebra, bob) == [["enrolled"], ["requested"]][statuses.index(201)]


def test_join_requests_of_twenty_students_at_once_all_succeed(algebra, make_user, api, together):
    students = [make_user(f"Student{number}") for number in range(20)]
    body = {"class_code": algebra.class_code}
    assert together(*((api(student), "/join-requests", body) for student in students)) == [201] * 20
    assert algebra.memberships.filter(status="PENDING").count() == 20


# Each transition is won once


@REPEATED
def test_only_one_of_concurrent_approve_and_reject_succeeds(attempt, co_taught, alice, dora, bob, api, join, together):
    join(co_taught, bob, "PENDING")
    path, body = f"/classes/{co_taught.pk}/members", {"user_ids": [bob.pk]}
    statuses = together((api(alice), f"{path}/approve", body), (api(dora), f"{path}/reject", body))
    winner = statuses.index(200)
    assert sorted(statuses) == [200, 409]
    assert status_of(co_taught, bob) == ["APPROVED", "REJECTED"][winner]
    assert happened(co_taught, bob) == ["requested", ["approved", "rejected"][winner]]


def test_only_one_of_ten_concurrent_approvals_succeeds(algebra, alice, bob, api, join, together):
    join(algebra, bob, "PENDING")
    request = (api(alice), f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]})
    assert Counter(together(*[request] * 10)) == {200: 1, 409: 9}
    assert happened(algebra, bob) == ["requested", "approved"]


@REPEATED
def test_only_one_of_two_concurrent_batches_with_a_common_student_succeeds(
    attempt, algebra, alice, bob, charlie, make_user, api, join, together
):
    zoe = make_user("Zoe")
    for student in (bob, charlie, zoe):
        join(algebra, student, "PENDING")
    path = f"/classes/{algebra.pk}/members"
    statuses = together(
        (api(alice), f"{path}/approve", {"user_ids": [bob.pk, charlie.pk]}),
        (api(alice), f"{path}/reject", {"user_ids": [zoe.pk, charlie.pk]}),
    )
    outcome = [status_of(algebra, student) for student in (bob, charlie, zoe)]
    assert sorted(statuses) == [200, 409]
    assert outcome == [["APPROVED", "APPROVED", "PENDING"], ["PENDING", "REJECTED", "REJECTED"]][statuses.index(200)]


@REPEATED
def test_only_one_of_concurrent_remove_and_leave_succeeds(attempt, algebra, alice, bob, api, join, together):
    join(algebra, bob)
    statuses = together(
        (api(alice), f"/classes/{algebra.pk}/members/remove", {"user_id": bob.pk}),
        (api(bob), f"/classes/{algebra.pk}/leave"),
    )
    # One who comes when the removal is done already is no member any more: 403.
    assert statuses in ([200, 409], [409, 200], [200, 403])
    assert happened(algebra, bob) == ["requested", "approved", ["removed", "left"][statuses.index(200)]]


# A class never loses its last approved teacher


@REPEATED
def test_two_teachers_who_remove_each_other_leave_one(attempt, co_taught, alice, dora, api, together):
    path = f"/classes/{co_taught.pk}/members/remove"
    statuses = together((api(alice), path, {"user_id": dora.pk}), (api(dora), path, {"user_id": alice.pk}))
    assert statuses.count(200) == 1
    # One who comes when the removal is done already is no teacher any more: 403.
    assert set(statuses) <= {200, 409, 403}
    assert teachers(co_taught) == {[alice.pk, dora.pk][statuses.index(200)]}


@REPEATED
def test_two_teachers_who_leave_at_once_leave_one(attempt, co_taught, alice, dora, api, together):
    path = f"/classes/{co_taught.pk}/leave"
    statuses = together((api(alice), path), (api(dora), path))
    assert sorted(statuses) == [200, 409]
    assert teachers(co_taught) == {[alice.pk, dora.pk][statuses.index(409)]}


@REPEATED
def test_two_teachers_who_become_students_at_once_leave_one(attempt, co_taught, alice, dora, api, run_together):
    def step_down(client, user):
        return client.patch(f"/classes/{co_taught.pk}/members/{user.pk}", {"role": "STUDENT"})

    people = [(api(alice), alice), (api(dora), dora)]
    answers = run_together([lambda person=person: step_down(*person) for person in people])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(teachers(co_taught)) == 1


@REPEATED
def test_a_teacher_who_leaves_while_the_other_is_removed_does_not_empty_the_class(
    attempt, co_taught, admin, alice, dora, api, together
):
    statuses = together(
        (api(alice), f"/classes/{co_taught.pk}/leave"),
        (api(admin), f"/classes/{co_taught.pk}/members/remove", {"user_id": dora.pk}),
    )
    assert sorted(statuses) == [200, 409]
    assert teachers(co_taught) == {[dora.pk, alice.pk][statuses.index(200)]}


# Codes are unique


def test_forty_classes_with_one_title_get_forty_codes(alice, api, together):
    request = (api(alice), "/classes", {"title": "Algebra"})
    assert together(*[request] * 40) == [201] * 40
    assert Class.objects.values("class_code").distinct().count() == 40


def test_classes_that_generate_the_same_code_at_once_generate_another(alice, api, together, monkeypatch):
    drawn = codes.new_codes
    monkeypatch.setattr(codes, "new_codes", lambda *args: ["ALGE-2222", "ALGE-3333", *drawn(*args)])
    request = (api(alice), "/classes", {"title": "Algebra"})
    assert together(*[request] * 10) == [201] * 10
    taken = set(Class.objects.values_list("class_code", flat=True))
    assert len(taken) == 10
    assert {"ALGE-2222", "ALGE-3333"} <= taken


def test_concurrent_new_codes_leave_one_that_works(algebra, alice, bob, api, run_together):
    teacher = api(alice)
    answers = run_together([lambda: teacher.post(f"/classes/{algebra.pk}/class-code")] * 5)
    opening = Class.objects.get(pk=algebra.pk).class_code
    assert [answer.status_code for answer in answers] == [200] * 5
    assert opening in {answer.json()["class_code"] for answer in answers}
    assert api(bob).post("/join-requests", {"class_code": opening}).status_code == 201


# An archived class is read-only


@REPEATED
def test_no_join_request_succeeds_after_a_concurrent_archive(attempt, algebra, alice, bob, api, together):
    archived, asked = together(
        (api(alice), f"/classes/{algebra.pk}/archive"),
        (api(bob), f"/classes/{algebra.pk}/join-request", {"class_code": algebra.class_code}),
    )
    assert (archived, asked) in ((200, 201), (200, 409))
    assert (status_of(algebra, bob) == "PENDING") == (asked == 201)
    if asked == 201:
        assert _moment("membership", user_id=bob.pk) <= _moment("class", class_id=algebra.pk)


@REPEATED
def test_no_approval_succeeds_after_a_concurrent_archive(attempt, algebra, alice, bob, api, join, together):
    join(algebra, bob, "PENDING")
    archived, approved = together(
        (api(alice), f"/classes/{algebra.pk}/archive"),
        (api(alice), f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]}),
    )
    assert (archived, approved) in ((200, 200), (200, 409))
    assert status_of(algebra, bob) == ("APPROVED" if approved == 200 else "PENDING")
    if approved == 200:
        assert _moment("membership", user_id=bob.pk) <= _moment("class", class_id=algebra.pk)


def _moment(kind, **subject):
    return Event.objects.filter(type__startswith=f"{kind}.", **subject).latest("pk").created_at


def test_a_class_archived_ten_times_at_once_is_archived_once(algebra, alice, api, together):
    assert together(*[(api(alice), f"/classes/{algebra.pk}/archive")] * 10) == [200] * 10
    assert len(events_of(algebra, "class.archived")) == 1


# Guessing


def test_concurrent_wrong_codes_are_each_counted(algebra, bob, api, together, half_past_nine):
    request = (api(bob), f"/classes/{algebra.pk}/join-request", {"class_code": "ALGE-0000"})
    assert Counter(together(*[request] * 20)) == {400: 10, 429: 10}


# Withdrawing


def _withdraw(client, klass):
    return client.delete(f"/classes/{klass.pk}/join-request").status_code


@REPEATED
def test_only_one_of_a_concurrent_approval_and_withdrawal_succeeds(
    attempt, algebra, alice, bob, api, join, run_together
):
    join(algebra, bob, "PENDING")
    path, body = f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]}
    approved, withdrawn = run_together(
        [lambda: _post(api(alice), path, body).status_code, lambda: _withdraw(api(bob), algebra)]
    )
    assert (approved, withdrawn) in [(200, 409), (409, 204)]
    won = "approved" if approved == 200 else "withdrawn"
    assert happened(algebra, bob) == ["requested", won]
    assert algebra.memberships.filter(user=bob).exists() == (won == "approved")


def test_a_request_is_withdrawn_once(algebra, bob, api, join, run_together):
    join(algebra, bob, "PENDING")
    client = api(bob)
    statuses = Counter(run_together([lambda: _withdraw(client, algebra)] * 10))
    assert statuses[204] == 1
    assert statuses[403] + statuses[409] == 9
    assert happened(algebra, bob) == ["requested", "withdrawn"]
