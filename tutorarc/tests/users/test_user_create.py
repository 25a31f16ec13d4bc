import re

import pytest
from django.db import connection
from django.urls import reverse

from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent, User
from tutorarc.testing.client import conflict, forbidden, invalid, invalid_fields, run_together, verdict
from tutorarc.testing.events import events_of
from tutorarc.tests.users.expected import shown

NEW = {"email": "Eve@Example.org", "display_name": "Eve", "global_role": "STUDENT"}


def test_an_admin_creates_a_user_without_a_password(api, admin):
    response = api(admin).post("/users", NEW | {"external_id": " sis-1 "})
    eve = User.objects.get(email="eve@example.org")
    assert (response.status_code, response.json()) == (201, shown(eve, external_id="sis-1"))
    assert response["Location"].endswith(f"/api/v1/users/{eve.pk}")
    assert eve.has_usable_password() is False
    assert Job.objects.count() == 0


@pytest.mark.parametrize("person", ["bob", "alice"])
def test_students_and_teachers_create_nobody(api, request, person):
    user = request.getfixturevalue(person)
    assert verdict(api(user).post("/users", NEW)) == forbidden("wrong_role")


@pytest.mark.parametrize("scopes", [["users:read"], ["classes:write", "members:write"]])
def test_a_key_needs_the_scope_to_write(api, admin, scopes):
    assert verdict(api(admin, scopes=scopes).post("/users", NEW)) == forbidden("missing_scope")


def test_the_event_tells_who_did_it(api, admin):
    api(admin).post("/users", NEW)
    [event] = events_of(eve := User.objects.get(email="eve@example.org"))
    assert (event.type, event.actor_user_id, event.data) == ("user.created", admin.pk, shown(eve))


def test_an_account_with_rights_is_in_the_security_log(api, admin):
    api(admin).post("/users", NEW | {"global_role": "TEACHER"})
    [event] = SecurityEvent.objects.filter(kind="rights.given", actor=admin)
    assert (event.user.email, event.details["given"]) == ("eve@example.org", ["role TEACHER"])


def test_only_a_superuser_creates_an_admin(api, admin, make_user):
    client = api(admin)
    assert verdict(client.post("/users", NEW | {"global_role": "ADMIN"})) == conflict("needs_superuser")
    chief = make_user("Chief", "ADMIN", is_superuser=True)
    assert api(chief).post("/users", NEW | {"global_role": "ADMIN"}).status_code == 201


def test_it_costs_the_same_for_any_number_of_users(api, admin, bob, alice, django_assert_num_queries):
    client = api(admin)
    with django_assert_num_queries(
        10 if connection.vendor == "postgresql" else 11
    ):  # there a row and its event are one
        client.post("/users", NEW | {"external_id": "sis-1", "invite": True})


# What is taken


def test_a_taken_address_is_told_with_the_user_who_has_it(api, admin, bob):
    response = api(admin).post("/users", NEW | {"email": "BOB@example.org"})
    assert verdict(response) == conflict("email_taken", ("email", "email_taken"))
    assert response.json()["error"]["details"][0]["id"] == bob.pk


def test_a_taken_external_id_is_told_with_the_user_who_has_it(api, admin):
    client = api(admin)
    first = client.post("/users", NEW | {"external_id": "sis-1"}).json()
    response = client.post("/users", NEW | {"email": "new@example.org", "external_id": "sis-1"})
    assert verdict(response) == conflict("external_id_taken", ("external_id", "external_id_taken"))
    [detail] = response.json()["error"]["details"]
    assert (detail["id"], detail["message"]) == (first["id"], f"{first['id']} has this external id.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("same", "reason"), [({"email": "eve@example.org"}, "email_taken"), ({"external_id": "sis-1"}, "external_id_taken")]
)
def test_of_equal_requests_at_the_same_time_one_succeeds(api, admin, same, reason):
    def call(number):
        client = api(admin)
        body = {"email": f"eve{number}@example.org", "display_name": "Eve", "global_role": "STUDENT", **same}
        return lambda: client.post("/users", body)

    answers = run_together([call(number) for number in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    [created] = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    errors = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert [(error["reason"], error["details"][0]["id"]) for error in errors] == [(reason, created)] * 3
    assert User.objects.count() == 2


def test_the_same_request_again_creates_nobody(api, admin):
    client = api(admin)
    first, again = (client.post("/users", NEW, headers={"Idempotency-Key": "eve"}) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"


# The invitation


@pytest.fixture
def mailed_link(sent_mail):
    def of():
        [mail] = sent_mail()
        return mail, re.search(r"http://\S+", mail.body)[0]

    return of


def test_an_invitation_is_a_mail_with_a_link_to_choose_a_password(api, admin, client, mailed_link):
    assert api(admin).post("/users", NEW | {"invite": True}).status_code == 201
    mail, link = mailed_link()
    assert (mail.to, mail.subject) == (["eve@example.org"], "Your TutorArc account")
    page = client.get(link, follow=True)
    password = "a-long-unusual-phrase-7"
    client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password})
    assert client.login(username="eve@example.org", password=password) is True


def test_the_link_ends_when_the_person_gains_rights(api, admin, root, client, mailed_link):
    api(admin).post("/users", NEW | {"invite": True})
    _, link = mailed_link()
    User.objects.get(email="eve@example.org").edit(Actor(root), global_role="ADMIN")
    assert b"new_password1" not in client.get(link, follow=True).content


def test_a_user_who_can_not_be_created_is_not_invited(api, admin, bob):
    api(admin).post("/users", NEW | {"email": bob.email, "invite": True})
    assert Job.objects.count() == 0


def test_where_no_mail_is_sent_nobody_is_invited_nor_created(api, admin, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert verdict(api(admin).post("/users", NEW | {"invite": True})) == conflict("mail_off")
    assert User.objects.count() == 1
    assert api(admin).post("/users", NEW).status_code == 201


# The body


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": "eve"}, "email", "invalid"),
        ({"email": 7}, "email", "invalid"),
        ({"email": f"{'e' * 60}@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 60}.org"}, "email", "max_length"),
        ({"display_name": " "}, "display_name", "blank"),
        ({"display_name": "x" * 201}, "display_name", "max_length"),
        ({"display_name": "a\nb"}, "display_name", "control_character"),
        ({"global_role": "KING"}, "global_role", "invalid_choice"),
        ({"external_id": ""}, "external_id", "blank"),
        ({"external_id": "x" * 129}, "external_id", "max_length"),
        ({"external_id": 17}, "external_id", "invalid"),
        ({"invite": "yes"}, "invite", "invalid"),
        ({"time_zone": "Europe/Berlin"}, "time_zone", "unknown_field"),
        ({"password": "a-long-unusual-phrase-7"}, "password", "unknown_field"),
        ({"is_superuser": True}, "is_superuser", "unknown_field"),
    ],
)
def test_a_wrong_field_is_named(api, admin, changes, field, code):
    assert verdict(api(admin).post("/users", NEW | changes)) == invalid(field, code)


def test_missing_fields_are_named(api, admin):
    required = [(name, "required") for name in ("email", "display_name", "global_role")]
    assert verdict(api(admin).post("/users", {})) == invalid_fields(required)


@pytest.mark.parametrize("external_id", [None, "x" * 128, "Å-1"])
def test_an_external_id_of_1_to_128_characters_or_none(api, admin, external_id):
    assert api(admin).post("/users", NEW | {"external_id": external_id}).json()["external_id"] == external_id


def test_with_a_cookie_it_needs_a_recent_confirmation(browser_client, admin, client):
    browser = browser_client(admin)
    browser.cookies["csrftoken"] = token = "0123456789abcdef0123456789abcdef"
    session = browser.session
    session.pop("account_authentication_methods", None)
    session.save()
    response = browser.post("/users", NEW, headers={"X-CSRFToken": token})
    assert verdict(response) == forbidden("confirmation_required")
    assert reverse("account_reauthenticate") == "/accounts/reauthenticate/"
