import pytest

from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import SecurityEvent, User
from tutorarc.testing.client import conflict, forbidden, invalid, run_together, verdict
from tutorarc.testing.events import events_of
from tutorarc.tests.users.expected import shown


def test_fields_are_changed_with_an_event(api, admin, bob):
    changes = {"display_name": " Robert ", "global_role": "TEACHER", "external_id": "sis-1"}
    response = api(admin).patch(f"/users/{bob.pk}", changes)
    expected = shown(bob, display_name="Robert", global_role="TEACHER", external_id="sis-1")
    assert (response.status_code, response.json()) == (200, expected)
    event = events_of(bob)[-1]
    assert (event.type, event.actor_user_id, event.data) == ("user.updated", admin.pk, expected)
    assert event.changes == {
        "display_name": ["Bob", "Robert"],
        "global_role": ["STUDENT", "TEACHER"],
        "external_id": [None, "sis-1"],
    }


def test_somebody_is_deactivated_and_reactivated(api, admin, bob):
    client, key = api(admin), api(bob)
    assert client.patch(f"/users/{bob.pk}", {"status": "DEACTIVATED"}).json() == shown(bob, status="DEACTIVATED")
    assert key.get("/me").status_code == 401
    assert client.patch(f"/users/{bob.pk}", {"status": "ACTIVE"}).json() == shown(bob)
    assert key.get("/me").status_code == 200
    assert [event.type for event in events_of(bob)[1:]] == ["user.deactivated", "user.reactivated"]


@pytest.mark.parametrize("body", [{}, {"status": "ACTIVE"}, {"display_name": "Bob", "external_id": None}])
def test_what_changes_nothing_writes_no_event(api, admin, bob, body):
    assert api(admin).patch(f"/users/{bob.pk}", body).json() == shown(bob)
    assert len(events_of(bob)) == 1


def test_an_external_id_is_removed_with_null(api, admin, bob):
    bob.edit(SYSTEM, external_id="sis-1")
    assert api(admin).patch(f"/users/{bob.pk}", {"external_id": None}).json()["external_id"] is None


def test_a_taken_external_id_is_told_with_the_user_who_has_it(api, admin, alice, bob):
    alice.edit(SYSTEM, external_id="sis-1")
    response = api(admin).patch(f"/users/{bob.pk}", {"external_id": "sis-1"})
    assert verdict(response) == conflict("external_id_taken", ("external_id", "external_id_taken"))
    assert response.json()["error"]["details"][0]["id"] == alice.pk
    assert api(admin).patch(f"/users/{alice.pk}", {"external_id": "sis-1"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_get_one_external_id_at_the_same_time_one_has_it(api, admin, alice, bob):
    def call(user):
        client = api(admin)
        return lambda: client.patch(f"/users/{user.pk}", {"external_id": "sis-1"})

    answers = run_together([call(user) for user in (alice, bob)])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert User.objects.filter(external_id="sis-1").count() == 1


@pytest.mark.parametrize(("body", "statements"), [({"display_name": "Robert"}, 11), ({"external_id": "sis-1"}, 10)])
def test_what_it_costs(api, admin, bob, body, statements, django_assert_num_queries):
    client = api(admin)
    with django_assert_num_queries(statements):
        client.patch(f"/users/{bob.pk}", body)


# Who may


@pytest.mark.parametrize("person", ["bob", "alice"])
def test_students_and_teachers_change_nobody(api, request, person, charlie):
    user = request.getfixturevalue(person)
    assert verdict(api(user).patch(f"/users/{charlie.pk}", {"display_name": "C"})) == forbidden("wrong_role")


def test_a_key_needs_the_scope_to_write(api, admin, bob):
    client = api(admin, scopes=["users:read"])
    assert verdict(client.patch(f"/users/{bob.pk}", {"display_name": "B"})) == forbidden("missing_scope")


@pytest.mark.parametrize("changes", [{"global_role": "TEACHER"}, {"status": "DEACTIVATED"}])
@pytest.mark.parametrize("flags", [{}, {"is_superuser": True, "is_staff": True}])
def test_nobody_gives_up_their_own_admin_role(api, make_user, root, changes, flags):
    chief = make_user("Chief", "ADMIN", **flags)
    assert verdict(api(chief).patch(f"/users/{chief.pk}", changes)) == conflict("own_role")
    assert api(chief).patch(f"/users/{chief.pk}", {"display_name": "Boss"}).json() == shown(chief, display_name="Boss")


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}, {"role": "ADMIN"}])
@pytest.mark.parametrize("changes", [{"display_name": "X"}, {"global_role": "STUDENT"}, {"status": "DEACTIVATED"}])
def test_an_admin_changes_nobody_who_is_staff_or_admin(api, admin, make_user, rights, changes):
    other = make_user("Other", **({"role": "TEACHER"} | rights))
    assert verdict(api(admin).patch(f"/users/{other.pk}", changes)) == conflict("needs_superuser")


def test_only_a_superuser_makes_an_admin_and_the_security_log_tells_of_it(api, admin, make_user, bob):
    assert verdict(api(admin).patch(f"/users/{bob.pk}", {"global_role": "ADMIN"})) == conflict("needs_superuser")
    chief = make_user("Chief", "ADMIN", is_superuser=True)
    assert api(chief).patch(f"/users/{bob.pk}", {"global_role": "ADMIN"}).status_code == 200
    event = SecurityEvent.objects.get(kind="rights.given", user=bob)
    assert (event.actor, event.details["given"]) == (chief, ["role ADMIN", "role TEACHER"])


def test_an_admin_makes_no_teacher_of_somebody_whose_password_they_set(api, admin, bob):
    bob.change_password(Actor(admin), "a-long-unusual-phrase-7")
    assert verdict(api(admin).patch(f"/users/{bob.pk}", {"global_role": "TEACHER"})) == conflict("access_from_you")


def test_an_admin_who_was_demoted_meanwhile_changes_nobody(api, admin, bob):
    client = api(admin)
    admin.edit(SYSTEM, global_role="TEACHER")
    assert verdict(client.patch(f"/users/{bob.pk}", {"display_name": "B"})) == forbidden("wrong_role")


# Classes keep a teacher


@pytest.mark.parametrize("changes", [{"global_role": "STUDENT"}, {"status": "DEACTIVATED"}])
def test_the_only_active_teacher_of_a_class_stays_one(api, admin, alice, bob, dora, algebra, changes):
    response = api(admin).patch(f"/users/{alice.pk}", changes)
    assert verdict(response) == conflict("last_teacher", ("", "last_teacher"))
    [detail] = response.json()["error"]["details"]
    assert (detail["id"], detail["message"]) == (algebra.pk, "Algebra would have no active teacher.")
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert api(admin).patch(f"/users/{alice.pk}", changes).status_code == 200


# The body


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"display_name": ""}, "display_name", "blank"),
        ({"display_name": None}, "display_name", "null"),
        ({"global_role": "KING"}, "global_role", "invalid_choice"),
        ({"status": "GONE"}, "status", "invalid_choice"),
        ({"status": None}, "status", "null"),
        ({"external_id": "x" * 129}, "external_id", "max_length"),
        ({"email": "new@example.org"}, "email", "unknown_field"),
        ({"time_zone": "Europe/Berlin"}, "time_zone", "unknown_field"),
        ({"is_staff": True}, "is_staff", "unknown_field"),
    ],
)
def test_a_wrong_field_is_named(api, admin, bob, body, field, code):
    assert verdict(api(admin).patch(f"/users/{bob.pk}", body)) == invalid(field, code)


def test_a_deleted_user_stays_as_it_is(api, admin, bob, delete_account):
    delete_account(bob)
    client = api(admin)
    assert verdict(client.patch(f"/users/{bob.pk}", {"status": "ACTIVE"})) == conflict("account_deleted")
    assert client.get(f"/users/{bob.pk}").json() == {
        "id": bob.pk,
        "email": f"deleted-{bob.pk}@deleted.invalid",
        "display_name": "Deleted user",
        "global_role": "STUDENT",
        "status": "DEACTIVATED",
        "external_id": None,
        "time_zone": "",
    }
