import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.testing.events import events_about


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_a_class_teacher_or_an_admin_archives_a_class(api, request, algebra, role):
    client = api(request.getfixturevalue(role))
    before = client.get(f"/classes/{algebra.pk}").json()
    response = client.post(f"/classes/{algebra.pk}/archive")
    updated = response.json()["updated_at"]
    assert response.status_code == 200
    assert response.json() == before | {"status": "ARCHIVED", "is_archived": True, "updated_at": updated}
    assert updated > before["updated_at"]
    assert client.get(f"/classes/{algebra.pk}").json() == response.json()


@pytest.mark.parametrize("role", ["charlie", "dora"])
def test_a_stranger_may_not_archive_it(api, request, algebra, role):
    assert verdict(api(request.getfixturevalue(role)).post(f"/classes/{algebra.pk}/archive")) == forbidden(
        "not_a_member"
    )
    assert Class.objects.get().status == "ACTIVE"


def test_a_student_of_the_class_may_not_archive_it(api, bob, algebra, join):
    join(algebra, bob)
    assert verdict(api(bob).post(f"/classes/{algebra.pk}/archive")) == forbidden("wrong_role")


def test_archiving_needs_a_credential(api, algebra):
    assert verdict(api().post(f"/classes/{algebra.pk}/archive")) == UNAUTHENTICATED


def test_an_unknown_class_is_not_found(api, alice):
    assert verdict(api(alice).post("/classes/cls_00000000000000000000000000/archive")) == NOT_FOUND


@pytest.mark.parametrize("body", [b"", b"{}", b" {} "])
def test_the_body_may_be_empty_or_missing(api, alice, algebra, body):
    response = api(alice).generic("POST", f"/classes/{algebra.pk}/archive", body, "application/json")
    assert (response.status_code, response.json()["is_archived"]) == (200, True)


def test_without_body_no_content_type_is_needed(api, alice, algebra):
    response = api(alice).generic("POST", f"/classes/{algebra.pk}/archive", b"", "")
    assert response.status_code == 200


def test_a_body_with_any_content_is_refused(api, alice, algebra):
    response = api(alice).post(f"/classes/{algebra.pk}/archive", {"is_archived": True})
    assert verdict(response) == invalid("is_archived", "unknown_field")
    assert Class.objects.get().status == "ACTIVE"


def test_repeating_it_changes_nothing(api, alice, algebra):
    client = api(alice)
    first = client.post(f"/classes/{algebra.pk}/archive")
    again = client.post(f"/classes/{algebra.pk}/archive")
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(events_about(Class, "archived")) == 1


def test_it_is_recorded_with_its_actor_and_from_what_to_what(api, alice, algebra):
    api(alice).post(f"/classes/{algebra.pk}/archive")
    event = events_about(Class)[-1]
    assert (event.type, event.from_status, event.changes) == (
        "class.archived",
        "ACTIVE",
        {"status": ["ACTIVE", "ARCHIVED"]},
    )
    assert (event.actor_user_id, event.actor_key_id) == (alice.pk, alice.api_keys.get().pk)


WRITES = [
    ("PATCH", "", {"title": "X"}),
    ("POST", "/class-code", {}),
    ("POST", "/members", {"email": "charlie@example.org", "role": "STUDENT"}),
    ("POST", "/members/approve", {"user_ids": ["{pending}"]}),
    ("POST", "/members/reject", {"user_ids": ["{pending}"]}),
    ("POST", "/members/reopen", {"user_ids": ["{removed}"]}),
    ("POST", "/members/remove", {"user_id": "{approved}"}),
    ("PATCH", "/members/{approved}", {"role": "STUDENT"}),
    ("POST", "/leave", {}),
]


@pytest.fixture
def people(alice, charlie, dora, bob, make_user, algebra, join, known_to):
    """Members of each status, so that every write would succeed in an active class."""
    removed = make_user("Removed")
    known_to(alice, charlie)
    join(algebra, bob, "PENDING")
    join(algebra, removed, "REMOVED")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    return {"pending": bob.pk, "removed": removed.pk, "approved": dora.pk}


def _filled(value, people):
    if isinstance(value, dict):
        return {name: _filled(inner, people) for name, inner in value.items()}
    return [item.format(**people) for item in value] if isinstance(value, list) else value.format(**people)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_an_archived_class_is_read_only(api, alice, algebra, people, method, path, body):
    algebra.archive(Actor(alice))
    before = list(Membership.objects.order_by("pk").values()), list(Class.objects.values())
    send = getattr(api(alice), method.lower())
    response = send(f"/classes/{algebra.pk}{path.format(**people)}", _filled(body, people))
    assert verdict(response) == conflict("class_archived")
    assert (list(Membership.objects.order_by("pk").values()), list(Class.objects.values())) == before


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_the_same_writes_succeed_in_an_active_class(api, alice, algebra, people, method, path, body):
    send = getattr(api(alice), method.lower())
    response = send(f"/classes/{algebra.pk}{path.format(**people)}", _filled(body, people))
    assert response.status_code in (200, 201)


@pytest.mark.parametrize("path", ["/classes/{}/join-request", "/join-requests"])
def test_nobody_can_ask_to_join_an_archived_class(api, alice, bob, algebra, path):
    algebra.archive(Actor(alice))
    assert verdict(api(bob).post(path.format(algebra.pk), {"class_code": algebra.class_code})) == conflict(
        "class_archived"
    )
    assert Membership.objects.filter(user=bob).count() == 0


def test_an_archived_class_can_still_be_read(api, alice, bob, algebra, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    client = api(bob)
    answers = [client.get(path).status_code for path in (f"/classes/{algebra.pk}", f"/classes/{algebra.pk}/members")]
    assert answers == [200, 200]


def test_archiving_costs_seven_statements(api, alice, algebra, django_assert_num_queries):
    client = api(alice)
    with django_assert_num_queries(7):
        client.post(f"/classes/{algebra.pk}/archive")
