import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, verdict


def test_a_class_is_shown_in_full(api, alice, algebra):
    moment = algebra.created_at.isoformat().replace("+00:00", "Z")
    response = api(alice).get(f"/classes/{algebra.pk}")
    assert response.status_code == 200
    assert response.json() == {
        "id": algebra.pk,
        "title": "Algebra",
        "description": "Groups, rings, fields.",
        "class_code": algebra.class_code,
        "status": "ACTIVE",
        "is_archived": False,
        "created_at": moment,
        "updated_at": moment,
    }


@pytest.mark.parametrize(
    ("status", "answer"), [("PENDING", 403), ("APPROVED", 200), ("REJECTED", 403), ("REMOVED", 403)]
)
def test_a_student_may_retrieve_a_class_with_approved_membership(api, bob, algebra, join, status, answer):
    join(algebra, bob, status)
    assert api(bob).get(f"/classes/{algebra.pk}").status_code == answer


def test_a_teacher_who_is_a_member_may_retrieve_it(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    assert api(dora).get(f"/classes/{algebra.pk}").status_code == 200


@pytest.mark.parametrize("role", ["charlie", "dora"])
def test_a_stranger_gets_403_and_not_404(api, request, algebra, role):
    assert verdict(api(request.getfixturevalue(role)).get(f"/classes/{algebra.pk}")) == forbidden("not_a_member")


def test_an_admin_retrieves_any_class(api, admin, algebra):
    assert api(admin).get(f"/classes/{algebra.pk}").json()["id"] == algebra.pk


def test_a_creator_who_left_may_not_retrieve_it(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    assert verdict(api(alice).get(f"/classes/{algebra.pk}")) == forbidden("not_a_member")


def test_retrieving_needs_a_credential(api, algebra):
    assert verdict(api().get(f"/classes/{algebra.pk}")) == UNAUTHENTICATED


@pytest.mark.parametrize("class_id", ["cls_00000000000000000000000000", "cls_123", "usr_456", "1", "%00", "🧮", " "])
def test_an_unknown_or_malformed_id_is_not_found(api, admin, class_id):
    assert verdict(api(admin).get(f"/classes/{class_id}")) == NOT_FOUND


def test_a_key_without_the_scope_is_refused(api, alice, algebra):
    assert verdict(api(alice, scopes=["members:read"]).get(f"/classes/{algebra.pk}")) == forbidden("missing_scope")


def test_an_archived_class_stays_visible_to_its_members(api, alice, bob, algebra, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    shown = api(bob).get(f"/classes/{algebra.pk}").json()
    assert (shown["status"], shown["is_archived"]) == ("ARCHIVED", True)


@pytest.mark.parametrize("status", ["ACTIVE", "ARCHIVED"])
def test_is_archived_mirrors_the_status_and_nothing_else(api, alice, algebra, status):
    type(algebra).objects.update(status=status)
    assert api(alice).get(f"/classes/{algebra.pk}").json()["is_archived"] is (status == "ARCHIVED")


def test_a_head_request_is_answered_without_a_body(api, alice, algebra):
    response = api(alice).head(f"/classes/{algebra.pk}")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("role", ["alice", "bob", "admin"])
@pytest.mark.parametrize("others", [1, 30])
def test_retrieving_costs_two_statements(
    api, request, bob, algebra, join, make_user, django_assert_num_queries, role, others
):
    join(algebra, bob)
    for number in range(others - 1):
        join(algebra, make_user(f"Student{number}"))
    client = api(request.getfixturevalue(role))
    with django_assert_num_queries(2):
        assert client.get(f"/classes/{algebra.pk}").status_code == 200
