import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_of, types_of


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Groups"},
        {"description": "Only groups."},
        {"description": ""},
        {"title": "Groups", "description": "Only groups."},
    ],
)
def test_a_class_teacher_changes_any_subset_of_title_and_description(api, alice, algebra, changes):
    client = api(alice)
    before = client.get(f"/classes/{algebra.pk}").json()
    response = client.patch(f"/classes/{algebra.pk}", changes)
    assert response.status_code == 200
    assert response.json() == before | changes | {"updated_at": response.json()["updated_at"]}
    assert response.json()["updated_at"] > before["updated_at"]
    assert client.get(f"/classes/{algebra.pk}").json() == response.json()


@pytest.mark.parametrize("changes", [{}, {"title": "Algebra"}, {"title": " Algebra "}])
def test_equal_values_change_and_record_nothing(api, alice, algebra, changes):
    client = api(alice)
    before = client.get(f"/classes/{algebra.pk}").json()
    response = client.patch(f"/classes/{algebra.pk}", changes)
    assert (response.status_code, response.json()) == (200, before)
    assert types_of(algebra) == ["created"]


def test_a_new_title_leaves_the_code_as_it_is(api, alice, algebra):
    assert api(alice).patch(f"/classes/{algebra.pk}", {"title": "X"}).json()["class_code"] == algebra.class_code


def test_an_admin_changes_any_class(api, admin, algebra):
    assert api(admin).patch(f"/classes/{algebra.pk}", {"title": "X"}).json()["title"] == "X"


def test_a_co_teacher_changes_the_class(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert api(dora).patch(f"/classes/{algebra.pk}", {"title": "X"}).status_code == 200


def test_a_teacher_who_is_a_student_of_the_class_may_not_change_it(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    assert verdict(api(dora).patch(f"/classes/{algebra.pk}", {"title": "X"})) == forbidden("wrong_role")


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_student_may_not_change_it(api, bob, algebra, join, status):
    join(algebra, bob, status)
    reason = "wrong_role" if status == "APPROVED" else "not_a_member"
    assert verdict(api(bob).patch(f"/classes/{algebra.pk}", {"title": "X"})) == forbidden(reason)


@pytest.mark.parametrize("role", ["charlie", "dora"])
def test_a_stranger_may_not_change_it(api, request, algebra, role):
    assert verdict(api(request.getfixturevalue(role)).patch(f"/classes/{algebra.pk}", {"title": "X"})) == forbidden(
        "not_a_member"
    )
    algebra.refresh_from_db()
    assert algebra.title == "Algebra"


def test_a_removed_teacher_may_not_change_it(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, dora.pk, Actor(alice))
    assert verdict(api(dora).patch(f"/classes/{algebra.pk}", {"title": "X"})) == forbidden("not_a_member")


def test_changing_needs_a_credential(api, algebra):
    assert verdict(api().patch(f"/classes/{algebra.pk}", {"title": "X"})) == UNAUTHENTICATED


def test_an_unknown_class_is_not_found(api, alice):
    assert verdict(api(alice).patch("/classes/cls_00000000000000000000000000", {"title": "X"})) == NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": ""}, "title", "blank"),
        ({"title": " "}, "title", "blank"),
        ({"title": None}, "title", "null"),
        ({"title": "x" * 201}, "title", "max_length"),
        ({"title": 5}, "title", "invalid"),
        ({"description": None}, "description", "null"),
        ({"description": "x" * 10_001}, "description", "max_length"),
        ({"description": 5}, "description", "invalid"),
        ({"class_code": "ALGO-7P4X"}, "class_code", "unknown_field"),
        ({"status": "ARCHIVED"}, "status", "unknown_field"),
        ({"is_archived": True}, "is_archived", "unknown_field"),
        ({"id": "cls_123"}, "id", "unknown_field"),
        ({"titel": "X"}, "titel", "unknown_field"),
    ],
)
def test_any_other_body_is_refused(api, alice, algebra, changes, field, code):
    assert verdict(api(alice).patch(f"/classes/{algebra.pk}", changes)) == invalid(field, code)


def test_with_one_wrong_field_nothing_is_changed(api, alice, algebra):
    changes = {"title": "X", "description": None}
    assert verdict(api(alice).patch(f"/classes/{algebra.pk}", changes)) == invalid("description", "null")
    algebra.refresh_from_db()
    assert algebra.title == "Algebra"


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_an_archived_class_cant_be_changed(api, request, alice, algebra, role):
    algebra.archive(Actor(alice))
    client = api(request.getfixturevalue(role))
    assert verdict(client.patch(f"/classes/{algebra.pk}", {"title": "X"})) == conflict("class_archived")
    algebra.refresh_from_db()
    assert algebra.title == "Algebra"


def test_a_change_is_recorded_with_its_actor_and_credential(api, alice, admin, algebra):
    api(admin).patch(f"/classes/{algebra.pk}", {"title": "X"})
    event = events_of(algebra)[-1]
    assert (event.type, event.actor_user_id, event.data["title"]) == ("class.updated", admin.pk, "X")
    assert event.changes == {"title": ["Algebra", "X"]}
    assert (event.actor_key_id, event.from_status) == (admin.api_keys.get().pk, "ACTIVE")


def test_replacing_a_class_with_put_is_not_allowed(api, alice, algebra):
    response = api(alice).put(f"/classes/{algebra.pk}", {"title": "X"}, content_type="application/json")
    assert verdict(response) == (405, "method_not_allowed", [])
    assert response["Allow"] == "GET, PATCH, HEAD, OPTIONS"


def test_changing_costs_seven_statements(api, alice, algebra, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(7):
        client.patch(f"/classes/{algebra.pk}", {"title": "X"})
