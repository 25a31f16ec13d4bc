"""The user's own account: name and password."""

import pytest
from django.test import Client

from tutorarc.domain.events import SYSTEM
from tutorarc.testing.events import events_of
from tutorarc.tests.staff.admin_site import recorded

OLD, NEW = "correct-horse-battery", "a-longer-staple-7"
ACCOUNT, PASSWORD = "/accounts/", "/accounts/password/"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=OLD)


@pytest.fixture
def browser(client, erin):
    """Erin's browser."""
    client.force_login(erin)
    return client


def errors(page):
    return dict(page.context["form"].errors)


def change_password(client, old=OLD, new=NEW, again=None):
    fields = {"old_password": old, "new_password1": new, "new_password2": new if again is None else again}
    return client.post(PASSWORD, fields)


def is_signed_in(client):
    return client.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("path", [ACCOUNT, PASSWORD])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_asks_for_a_sign_in_first(client, db, path, method):
    response = getattr(client, method)(path)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_the_account_shows_the_fields_that_only_staff_can_change(browser):
    page = browser.get(ACCOUNT).content.decode()
    assert '<span class="hint">erin@example.org</span>' in page
    assert "<dd>Teacher</dd>" in page
    assert [line for line in page.splitlines() if "<input" in line and "csrf" not in line] == [
        '<input type="text" name="display_name" value="Erin" autocomplete="name" maxlength="200" required '
        'aria-describedby="id_display_name_helptext" id="id_display_name">'
    ]


def test_a_new_name_is_trimmed_saved_and_recorded(browser, erin):
    response = browser.post(ACCOUNT, {"display_name": "  Erin Oduya "})
    assert (response.status_code, response["Location"]) == (302, ACCOUNT)
    erin.refresh_from_db()
    assert erin.display_name == "Erin Oduya"
    assert recorded(erin) == [("created", None), ("updated", "Erin Oduya")]
    assert b"Your profile was saved." in browser.get(ACCOUNT).content


def test_the_same_name_changes_nothing(browser, erin):
    assert browser.post(ACCOUNT, {"display_name": "Erin"}).status_code == 302
    assert recorded(erin) == [("created", None)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("  ", "Enter your name."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("a\0b", "Null characters are not allowed."),
    ],
)
def test_an_invalid_name_is_refused_beside_its_field(browser, erin, name, message):
    page = browser.post(ACCOUNT, {"display_name": name})
    assert (page.status_code, errors(page)) == (400, {"display_name": [message]})
    assert recorded(erin) == [("created", None)]


def test_only_the_name_is_taken_from_the_form(browser, erin):
    browser.post(ACCOUNT, {"display_name": "E", "email": "x@example.org", "global_role": "ADMIN", "is_superuser": "on"})
    erin.refresh_from_db()
    assert (erin.email, erin.global_role, erin.is_superuser) == ("erin@example.org", "TEACHER", False)


def test_a_changed_password_is_recorded_without_its_digest(browser, erin):
    response = change_password(browser)
    assert (response.status_code, response["Location"]) == (302, ACCOUNT)
    erin.refresh_from_db()
    assert (erin.check_password(NEW), erin.check_password(OLD)) == (True, False)
    assert recorded(erin) == [("created", None), ("password_set", "Erin")]
    assert "password" not in {name for event in events_of(erin) for name in [*event.data, *event.changes]}


def test_a_changed_password_signs_out_everywhere_else(browser, erin):
    elsewhere = Client()
    elsewhere.force_login(erin)
    assert is_signed_in(elsewhere)
    change_password(browser)
    assert (is_signed_in(browser), is_signed_in(elsewhere)) == (True, False)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"old": "wrong"}, {"old_password": ["This is not your current password."]}),
        ({"again": "another"}, {"new_password2": ["The two passwords are not the same."]}),
        ({"new": "erin.oduya.7"}, {"new_password2": ["Leave out “erinoduya”, which others would try first."]}),
        (
            {"new": "1234567890"},
            {"new_password2": ["This password is known from a data breach. Choose another."]},
        ),
    ],
)
def test_a_weak_password_is_refused_beside_its_field(browser, erin, fields, wrong):
    erin.edit(SYSTEM, display_name="Erin Oduya")
    assert errors(change_password(browser, **fields)) == wrong
    erin.refresh_from_db()
    assert erin.check_password(OLD)


def test_the_form_names_the_user_for_password_managers(browser):
    page = browser.get(PASSWORD).content.decode()
    assert (
        '<input type="text" name="username" value="erin@example.org" autocomplete="username" readonly hidden>' in page
    )
    kinds = [field.field.widget.attrs["autocomplete"] for field in browser.get(PASSWORD).context["form"]]
    assert kinds == ["current-password", "new-password", "new-password"]
