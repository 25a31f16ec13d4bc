"""Before keys are made and rights are given, the password is asked for again if the sign-in is 15 minutes old."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from apikeys.models import ApiKey
from apikeys.tests.developer_page import NEW as NEW_KEY
from apikeys.tests.developer_page import PAGE as KEYS
from apikeys.tests.developer_page import token
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.testing.client import forbidden, verdict
from tutorarc.tests.staff.admin_site import Site

CONFIRM = "/accounts/reauthenticate/"
PASSWORD = "correct-horse-battery"
REQUIRED = forbidden("confirmation_required")


@pytest.fixture
def later(time_machine):
    """`later(minutes=15)` moves the clock on from now."""

    def move(**duration):
        time_machine.move_to(timezone.now() + timedelta(**duration), tick=False)

    return move


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def chief(make_user):
    """A superuser with a password."""
    return make_user("Chief", "ADMIN", password=PASSWORD, is_staff=True, is_superuser=True)


def new_key(client):
    return {"token": token(client), "name": "Sync", "access": "read", "life": "90"}


# The API with the session cookie


def test_a_key_is_created_within_15_minutes_after_the_sign_in(signed_in, erin, later):
    client = signed_in(erin)
    later(minutes=14, seconds=59)
    assert client.post("/api-keys", {"name": "Sync"}).status_code == 201


@pytest.mark.parametrize("path", ["/api-keys", "/api-keys/{key}/rotate"])
def test_later_the_api_says_what_to_do_and_creates_no_key(signed_in, erin, later, path):
    key, _ = ApiKey.objects.issue(erin, SYSTEM)
    client = signed_in(erin)
    later(minutes=15)
    answer = client.post(path.format(key=key.pk), {"name": "Sync"} if path == "/api-keys" else {})
    assert (verdict(answer), ApiKey.objects.count()) == (REQUIRED, 1)
    assert "open /accounts/reauthenticate/ in this browser and enter your password" in answer.json()["error"]["message"]


def test_after_the_password_the_call_succeeds(signed_in, erin, later):
    client = signed_in(erin)
    later(minutes=15)
    confirm(client)
    assert client.post("/api-keys", {"name": "Sync"}).status_code == 201


@pytest.mark.parametrize("method", ["get", "delete"])
def test_reading_and_revoking_need_no_confirmation(signed_in, erin, later, method):
    key, _ = ApiKey.objects.issue(erin, SYSTEM)
    client = signed_in(erin)
    later(minutes=15)
    path = "/api-keys" if method == "get" else f"/api-keys/{key.pk}"
    assert getattr(client, method)(path).status_code == {"get": 200, "delete": 204}[method]


def confirm(client, password=PASSWORD, **query):
    """Send the form of the page that asks for the password."""
    form = {"password": password}
    content_type = "application/x-www-form-urlencoded"
    address = CONFIRM if not query else f"{CONFIRM}?next={query['next']}"
    return client.generic("POST", f"http://testserver{address}", f"password={form['password']}", content_type)


# Pages


def test_the_developer_page_asks_and_then_carries_out_what_was_sent(client, erin, later):
    client.force_login(erin)
    form = new_key(client)
    later(minutes=15)
    asked = client.post(NEW_KEY, form)
    assert (asked["Location"], ApiKey.objects.count()) == (f"{CONFIRM}?next=%2Fdevelopers%2Fkeys%2Fnew", 0)
    wrong = client.post(asked["Location"], {"password": "wrong"})
    assert (wrong.status_code, ApiKey.objects.count()) == (200, 0)
    shown = client.post(asked["Location"], {"password": PASSWORD})
    assert (shown.status_code, ApiKey.objects.get().name) == (200, "Sync")
    assert shown.context["secret"] in shown.text
    assert client.post(NEW_KEY, new_key(client)).status_code == 200  # for another 15 minutes


def test_a_rotation_asks_too(client, erin, later):
    key, _ = ApiKey.objects.issue(erin, SYSTEM)
    client.force_login(erin)
    path = f"{KEYS}/{key.pk}/rotate"
    form = {"token": token(client, path), "overlap": "0"}
    later(minutes=15)
    assert client.post(path, form)["Location"].startswith(CONFIRM)
    assert ApiKey.objects.count() == 1


def test_somebody_without_password_and_factor_signs_in_again(client, alice, later):
    client.force_login(alice)
    form = new_key(client)
    later(minutes=15)
    asked = client.post(NEW_KEY, form)
    assert asked["Location"] == "/accounts/reauthenticate/sign-in/?next=%2Fdevelopers%2Fkeys%2Fnew"
    assert "Sign in again to go on." in client.get(asked["Location"]).text
    assert client.post(asked["Location"])["Location"] == f"/accounts/login/?next={NEW_KEY}"
    assert client.get(KEYS).status_code == 302


def test_it_never_leads_to_another_site(client, alice):
    client.force_login(alice)
    page = client.post("/accounts/reauthenticate/sign-in/?next=https://evil.example/")
    assert page["Location"] == "/accounts/login/?next=/"


# The admin site


@pytest.fixture
def people(chief):
    return Site(chief, "tutorarc_user")


def must_confirm(response):
    return response.status_code == 302 and response["Location"].startswith(CONFIRM)


@pytest.mark.parametrize(
    "changes",
    [
        {"global_role": "ADMIN"},
        {"is_staff": "on"},
        {"is_superuser": "on"},
        {"email": "other@example.org"},
        {"groups": "1"},
    ],
)
def test_a_form_that_gives_rights_asks_and_then_saves(people, bob, later, changes):
    page = people.page(bob.pk)
    later(minutes=15)
    if "groups" in changes:
        changes = {"groups": Group.objects.first().pk}
    form = {"email": bob.email, "display_name": "Bob", "global_role": "STUDENT", "is_active": "on", **changes}
    before = state_of(bob)
    asked = people.change_on(page, bob.pk, **form)
    assert (must_confirm(asked), state_of(bob)) == (True, before)
    people.post(asked["Location"], {"password": PASSWORD})
    assert state_of(bob) != before


def state_of(person):
    groups = list(person.groups.values_list("pk", flat=True))
    return User.objects.filter(pk=person.pk).values().get() | {"groups": groups}


def test_another_name_needs_no_confirmation(people, bob, later):
    page = people.page(bob.pk)
    later(minutes=15)
    form = {"email": bob.email, "display_name": "Robert", "global_role": "STUDENT", "is_active": "on"}
    people.change_on(page, bob.pk, **form)
    assert state_of(bob)["display_name"] == "Robert"


@pytest.mark.parametrize(("role", "asks"), [("STUDENT", False), ("TEACHER", True), ("ADMIN", True)])
def test_a_new_person_with_rights_needs_it(people, later, role, asks):
    later(minutes=15)
    form = {"email": "new@example.org", "display_name": "New", "global_role": role, "usable_password": "false"}
    assert must_confirm(people.add(**form)) is asks
    assert User.objects.filter(email="new@example.org").exists() is not asks


def test_links_and_passwords_for_others_need_it(people, bob, later):
    later(minutes=15)
    action = {"action": "make_password_links", "_selected_action": [bob.pk], "sure": "yes"}
    answers = [people.post(people.address("changelist"), action)]
    answers += [people.get(f"/admin/tutorarc/user/{bob.pk}/password/"), people.get("/admin/tutorarc/user/import/")]
    assert [must_confirm(answer) for answer in answers] == [True, True, True]


def test_groups_and_keys_for_others_need_it(people, chief, bob, later):
    keys, groups = Site(chief, "apikeys_apikey"), Site(chief, "auth_group")
    later(minutes=15)
    answers = [keys.add(owner=bob.pk, name="Import", scopes=["classes:read"]), groups.add(name="Helpers")]
    assert [must_confirm(answer) for answer in answers] == [True, True]
    assert (ApiKey.objects.count(), Group.objects.filter(name="Helpers").count()) == (0, 0)


def test_what_was_sent_from_a_filtered_list_is_carried_out_too(people, bob, later):
    later(minutes=15)
    action = {"action": "make_password_links", "_selected_action": [bob.pk], "sure": "yes"}
    asked = people.post(f"{people.address('changelist')}?global_role__exact=STUDENT", action)
    assert must_confirm(asked)
    shown = people.post(asked["Location"], {"password": PASSWORD})
    assert (shown.status_code, "/accounts/link/" in shown.text) == (200, True)


def test_factors_and_confirmed_addresses_of_others_need_it(people, bob, later):
    later(minutes=15)
    for action in ("remove_second_factors", "confirm_address"):
        sent = {"action": action, "_selected_action": [bob.pk], "sure": "yes"}
        assert must_confirm(people.post(people.address("changelist"), sent))


def test_somebody_without_password_and_factor_sets_up_a_factor_after_a_new_sign_in(client, alice, later):
    client.force_login(alice)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    later(minutes=15)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302
