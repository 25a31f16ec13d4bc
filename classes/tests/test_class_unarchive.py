import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, forbidden, invalid, verdict
from tutorarc.testing.events import events_about


@pytest.fixture
def archived(alice, algebra):
    return algebra.archive(Actor(alice))


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_a_class_teacher_or_an_admin_restores_a_class_to_active(api, request, archived, role):
    client = api(request.getfixturevalue(role))
    before = client.get(f"/classes/{archived.pk}").json()
    response = client.post(f"/classes/{archived.pk}/unarchive")
    updated = response.json()["updated_at"]
    assert response.status_code == 200
    assert response.json() == before | {"status": "ACTIVE", "is_archived": False, "updated_at": updated}
    assert updated > before["updated_at"]


def test_the_class_can_be_changed_again(api, alice, archived):
    client = api(alice)
    client.post(f"/classes/{archived.pk}/unarchive")
    assert client.patch(f"/classes/{archived.pk}", {"title": "X"}).json()["title"] == "X"


@pytest.mark.parametrize("role", ["charlie", "dora"])
def test_a_stranger_may_not_restore_it(api, request, archived, role):
    assert verdict(api(request.getfixturevalue(role)).post(f"/classes/{archived.pk}/unarchive")) == forbidden(
        "not_a_member"
    )
    assert Class.objects.get().status == "ARCHIVED"


def test_a_student_of_the_class_may_not_restore_it(api, alice, bob, algebra, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    assert verdict(api(bob).post(f"/classes/{algebra.pk}/unarchive")) == forbidden("wrong_role")


def test_a_creator_who_left_may_not_restore_it(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    assert verdict(api(alice).post(f"/classes/{algebra.pk}/unarchive")) == forbidden("not_a_member")


def test_restoring_needs_a_credential(api, archived):
    assert verdict(api().post(f"/classes/{archived.pk}/unarchive")) == UNAUTHENTICATED


def test_an_unknown_class_is_not_found(api, admin):
    assert verdict(api(admin).post("/classes/cls_00000000000000000000000000/unarchive")) == NOT_FOUND


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_the_body_may_be_empty_or_missing(api, alice, archived, body):
    response = api(alice).generic("POST", f"/classes/{archived.pk}/unarchive", body, "application/json")
    assert (response.status_code, response.json()["is_archived"]) == (200, False)


def test_a_body_with_any_content_is_refused(api, alice, archived):
    response = api(alice).post(f"/classes/{archived.pk}/unarchive", {"force": True})
    assert verdict(response) == invalid("force", "unknown_field")
    assert Class.objects.get().status == "ARCHIVED"


def test_repeating_it_changes_nothing(api, alice, archived):
    client = api(alice)
    first = client.post(f"/classes/{archived.pk}/unarchive")
    again = client.post(f"/classes/{archived.pk}/unarchive")
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(events_about(Class, "unarchived")) == 1


def test_it_is_recorded_with_its_actor_and_from_what_to_what(api, admin, archived):
    api(admin).post(f"/classes/{archived.pk}/unarchive")
    event = events_about(Class)[-1]
    assert (event.type, event.from_status, event.changes) == (
        "class.unarchived",
        "ARCHIVED",
        {"status": ["ARCHIVED", "ACTIVE"]},
    )
    assert (event.actor_user_id, event.actor_key_id) == (admin.pk, admin.api_keys.get().pk)


def test_restoring_costs_seven_statements(api, alice, archived, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(7):
        client.post(f"/classes/{archived.pk}/unarchive")
