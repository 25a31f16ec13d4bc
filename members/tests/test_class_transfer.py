"""POST /classes/{id}/transfer"""

import pytest

from classes.models import Class
from members.models import Membership
from members.tests.expected import ARCHIVED, NO_CLASS, NOBODY, status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import types_of
from tutorarc.tests.browser.browsing import HTML, headline, notices

GIVER, RECEIVER = "from_user_id", "to_user_id"


def not_a_teacher(field):
    return conflict("not_a_teacher_of_class", (field, "not_a_teacher_of_class"))


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}/transfer"


@pytest.fixture
def transfer(path, api):
    def post(by, to_user, from_user=None):
        ids = {RECEIVER: getattr(to_user, "pk", to_user)}
        return api(by).post(path, ids | ({GIVER: getattr(from_user, "pk", from_user)} if from_user else {}))

    return post


@pytest.fixture
def co_taught(algebra, alice, dora):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    return algebra


def places(klass):
    """Name, role and status of everybody on record in the class."""
    members = klass.memberships.select_related("user").order_by("pk")
    return [(member.user.display_name, member.role, member.status) for member in members]


def test_a_teacher_gives_their_place_to_another_one(co_taught, alice, dora, transfer):
    response = transfer(alice, dora)
    assert response.status_code == 200
    assert response.json() == {**co_taught.as_shown(), "class_code": "", **_times(response)}
    assert places(co_taught) == [("Alice", "TEACHER", "REMOVED"), ("Dora", "TEACHER", "APPROVED")]


def _times(response):
    return {name: response.json()[name] for name in ("created_at", "updated_at")}


def test_the_one_who_gave_up_the_place_has_left(co_taught, alice, dora, transfer):
    transfer(alice, dora, alice)
    assert types_of(Membership.objects.get(user=alice)) == ["enrolled", "left"]


def test_a_teacher_can_not_give_up_the_place_of_another(co_taught, alice, dora, admin, transfer):
    co_taught.memberships.enrol(co_taught, admin, "TEACHER", Actor(alice))
    assert verdict(transfer(alice, admin, dora)) == forbidden("not_the_owner")
    assert status_of(co_taught, dora) == "APPROVED"


@pytest.mark.parametrize("who", ["dora", "bob", "charlie", "nobody"])
def test_a_teacher_names_an_active_teacher_of_the_class_and_learns_of_nobody_else(
    request, algebra, alice, bob, join, transfer, who
):
    join(algebra, bob)
    receiver = NOBODY if who == "nobody" else request.getfixturevalue(who)
    assert verdict(transfer(alice, receiver)) == not_a_teacher(RECEIVER)
    assert status_of(algebra, alice) == "APPROVED"


@pytest.mark.parametrize("change", [{"is_active": False}, {"global_role": "STUDENT"}])
def test_a_teacher_who_can_not_teach_gets_no_class(co_taught, alice, dora, admin, transfer, change):
    dora.edit(Actor(admin), **change)
    assert verdict(transfer(alice, dora)) == not_a_teacher(RECEIVER)
    assert status_of(co_taught, alice) == "APPROVED"


@pytest.mark.parametrize("status", [None, "PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_an_administrator_enrols_the_new_teacher_whatever_their_status_was(
    algebra, alice, admin, join, make_user, transfer, status
):
    eve = make_user("Eve")
    if status:
        join(algebra, eve, status)
    eve.edit(Actor(admin), global_role="TEACHER")
    response = transfer(admin, eve, alice)
    assert (response.status_code, response.json()["class_code"]) == (200, algebra.class_code)
    assert places(algebra) == [("Alice", "TEACHER", "REMOVED"), ("Eve", "TEACHER", "APPROVED")]
    assert types_of(Membership.objects.get(user=alice)) == ["enrolled", "removed"]


def test_an_administrator_may_leave_out_the_only_teacher(algebra, dora, admin, transfer):
    assert transfer(admin, dora).status_code == 200
    assert places(algebra) == [("Alice", "TEACHER", "REMOVED"), ("Dora", "TEACHER", "APPROVED")]


def test_of_several_teachers_an_administrator_names_one(co_taught, dora, admin, transfer):
    assert verdict(transfer(admin, admin)) == conflict("several_teachers")
    assert transfer(admin, admin, dora).status_code == 200
    assert places(co_taught)[1:] == [("Dora", "TEACHER", "REMOVED"), ("Admin", "TEACHER", "APPROVED")]


def test_an_administrator_who_teaches_the_class_gives_up_their_own_place(co_taught, alice, dora, admin, transfer):
    co_taught.memberships.enrol(co_taught, admin, "TEACHER", Actor(alice))
    assert transfer(admin, dora).json()["class_code"] == co_taught.class_code
    assert places(co_taught)[1:] == [("Dora", "TEACHER", "APPROVED"), ("Admin", "TEACHER", "REMOVED")]


@pytest.mark.parametrize(
    ("who", "expected"),
    [("bob", "student_cannot_teach"), ("eve", "person_not_active"), (NOBODY, "unknown_person")],
)
def test_a_person_who_can_not_teach_gets_no_class(algebra, bob, admin, make_user, transfer, who, expected):
    people = {"bob": bob, "eve": make_user("Eve", "TEACHER", is_active=False)}
    assert verdict(transfer(admin, people.get(who, who))) == conflict(expected)
    assert places(algebra) == [("Alice", "TEACHER", "APPROVED")]


@pytest.mark.parametrize("who", ["bob", "dora", NOBODY])
def test_only_a_teacher_can_be_replaced(algebra, bob, dora, admin, join, transfer, who):
    join(algebra, bob)
    giver = {"bob": bob, "dora": dora}.get(who, who)
    assert verdict(transfer(admin, admin, giver)) == not_a_teacher(GIVER)
    assert status_of(algebra, admin) is None


@pytest.mark.parametrize("with_giver", [True, False])
def test_a_repetition_changes_nothing(algebra, alice, dora, admin, transfer, with_giver):
    giver = [alice] if with_giver else []
    first = transfer(admin, dora, *giver)
    events = types_of(algebra), types_of(Membership.objects.get(user=dora))
    again = transfer(admin, dora, *giver)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (types_of(algebra), types_of(Membership.objects.get(user=dora))) == events


@pytest.mark.parametrize("by", ["alice", "admin"])
def test_a_class_is_not_transferred_to_the_same_teacher(request, co_taught, alice, transfer, by):
    response = transfer(request.getfixturevalue(by), alice, alice)
    assert verdict(response) == invalid(RECEIVER, "same_person")
    assert verdict(transfer(alice, alice)) == invalid(RECEIVER, "same_person")


@pytest.mark.parametrize("by", ["alice", "admin"])
def test_an_archived_class_stays_as_it_is(request, co_taught, alice, dora, transfer, by):
    co_taught.archive(Actor(alice))
    assert verdict(transfer(request.getfixturevalue(by), dora, alice)) == ARCHIVED
    assert status_of(co_taught, alice) == "APPROVED"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, RECEIVER, "required"),
        ({RECEIVER: "dora"}, RECEIVER, "malformed_id"),
        ({RECEIVER: NOBODY, GIVER: None}, GIVER, "null"),
        ({RECEIVER: NOBODY, "email": "dora@example.org"}, "email", "unknown_field"),
    ],
)
def test_a_wrong_body_is_refused(api, alice, path, body, field, code):
    assert verdict(api(alice).post(path, body)) == invalid(field, code)


def test_a_credential_the_scope_and_a_class_are_required(api, alice, dora, co_taught, path):
    body = {RECEIVER: dora.pk}
    assert verdict(api().post(path, body)) == UNAUTHENTICATED
    assert verdict(api(alice, scopes=["members:write"]).post(path, body)) == forbidden("missing_scope")
    assert verdict(api(alice).post(f"/classes/{NO_CLASS}/transfer", body)) == NOT_FOUND


def test_it_costs_a_fixed_number_of_statements(co_taught, api, alice, dora, path, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(18):
        client.post(path, {RECEIVER: dora.pk})


# Pages


@pytest.fixture
def visit(client, algebra):
    def get(user):
        client.force_login(user)
        return client.get(f"/classes/{algebra.pk}/transfer")

    return get


def test_the_settings_lead_to_the_page(signed_in, alice, algebra, path):
    page = signed_in(alice).get(f"/classes/{algebra.pk}/settings", headers=HTML).content.decode()
    assert f'href="/classes/{algebra.pk}/transfer"' in page


def test_a_teacher_chooses_another_teacher_on_the_page(visit, alice, dora, co_taught):
    page = visit(alice)
    fields = page.context["form"].fields
    assert {name: field.choices for name, field in fields.items()} == {RECEIVER: [(dora.pk, "Dora")]}


def test_an_administrator_chooses_both(visit, alice, dora, admin, co_taught):
    page = visit(admin)
    both = [(alice.pk, "Alice"), (dora.pk, "Dora")]
    assert {name: field.choices for name, field in page.context["form"].fields.items()} == {GIVER: both, RECEIVER: both}


def test_a_teacher_who_is_alone_is_told_what_to_do(visit, alice, algebra):
    page = visit(alice).content.decode()
    assert "There is no other teacher in this class yet." in page
    assert f'<a class="button" href="/classes/{algebra.pk}/invite">' in page
    assert f'action="/api/v1/classes/{algebra.pk}/transfer"' not in page


@pytest.mark.parametrize("who", ["bob", "dora"])
def test_others_do_not_see_the_page(request, visit, algebra, bob, join, who):
    join(algebra, bob)
    assert visit(request.getfixturevalue(who)).status_code == 403


def test_the_form_hands_the_class_over(post_form, alice, dora, co_taught, path):
    page = post_form(alice, path, to_user_id=dora.pk)
    assert (page.status_code, notices(page)) == (200, ["You handed the class over."])
    assert "You are no longer in this class" in page.content.decode()
    assert Class.objects.get().memberships.get(user=alice).status == "REMOVED"


def test_a_refused_form_is_shown_again(post_form, alice, bob, co_taught, path):
    page = post_form(alice, path, to_user_id=bob.pk)
    assert (page.status_code, headline(page)) == (409, "Hand over this class")
    assert "This person is not an active teacher of this class." in page.content.decode()


def test_an_administrator_sees_the_class_afterwards(post_form, alice, dora, admin, co_taught, path):
    page = post_form(admin, path, to_user_id=dora.pk, from_user_id=alice.pk)
    assert (page.status_code, headline(page), notices(page)) == (200, "Algebra", ["You handed the class over."])
