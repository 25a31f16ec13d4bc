"""Signing in and out, and the error pages."""

import re

import pytest
from django.contrib.auth import user_logged_in
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, server_error

from tutorarc.http.security_headers import POLICY
from tutorarc.testing.events import events_of

PASSWORD = "correct-horse-battery"
LOGIN = "/accounts/login/"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


def sign_in(client, username="erin@example.org", password=PASSWORD, **fields):
    return client.post(LOGIN, {"username": username, "password": password, **fields})


def test_the_label_says_e_mail_address_and_browsers_know_both_fields(client):
    form = client.get(LOGIN).context["form"]
    username, password = form["login"], form["password"]
    assert username.label == "E-mail address"
    assert [username.field.widget.input_type, username.field.widget.attrs["autocomplete"]] == ["email", "username"]
    assert [password.field.widget.input_type, password.field.widget.attrs["autocomplete"]] == [
        "password",
        "current-password",
    ]


@pytest.mark.parametrize("username", ["erin@example.org", "  Erin@Example.ORG "])
def test_a_sign_in_redirects_to_the_home_page(client, erin, username):
    response = sign_in(client, username)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(erin.pk)


def test_next_is_kept_through_a_wrong_password(client, erin):
    page = client.get(LOGIN, {"next": "/developers/keys"})
    assert page.context["redirect_field_value"] == "/developers/keys"
    failed = sign_in(client, password="wrong", next="/developers/keys")
    assert b'name="next" value="/developers/keys"' in failed.content
    assert sign_in(client, next="/developers/keys")["Location"] == "/developers/keys"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_next_never_redirects_to_another_host(client, erin, elsewhere):
    assert sign_in(client, next=elsewhere)["Location"] == "/"


@pytest.mark.parametrize(
    ("username", "password"), [("erin@example.org", "wrong"), ("nobody@example.org", PASSWORD), ("erin", PASSWORD)]
)
def test_a_wrong_address_and_a_wrong_password_get_the_same_message(client, erin, username, password):
    errors = sign_in(client, username, password).context["form"].errors
    assert dict(errors) == {"__all__": ["The e-mail address or password is wrong. Passwords are case-sensitive."]}
    assert "_auth_user_id" not in client.session


def test_an_inactive_user_gets_the_same_message(client, erin):
    type(erin).objects.filter(pk=erin.pk).update(is_active=False)
    assert list(sign_in(client).context["form"].errors) == ["__all__"]
    assert "_auth_user_id" not in client.session


def test_an_empty_field_has_an_error(client):
    assert set(sign_in(client, "", "").context["form"].errors) == {"login", "password"}


def test_a_nul_character_is_an_error_of_its_field(client, db):
    assert set(sign_in(client, "a\0b@example.org").context["form"].errors) == {"login"}


def test_a_signed_in_user_is_redirected_from_the_sign_in_page(client, erin):
    client.force_login(erin)
    assert client.get(LOGIN, {"next": "/developers/keys"})["Location"] == "/developers/keys"
    assert client.get(LOGIN, {"next": LOGIN})["Location"] == "/"


def test_signing_out_is_a_post_and_redirects_to_the_home_page(client, erin):
    client.force_login(erin)
    assert client.get("/accounts/logout/").status_code == 405
    response = client.post("/accounts/logout/")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert "_auth_user_id" not in client.session


def test_sign_out_is_a_form_with_its_csrf_token(client, erin):
    client.force_login(erin)
    page = client.get("/").content.decode()
    form = page[page.index('action="/accounts/logout/"') :]
    assert "csrfmiddlewaretoken" in form[: form.index("</form>")]


def test_without_its_csrf_token_the_form_is_refused_with_our_own_page(erin):
    response = sign_in(Client(enforce_csrf_checks=True))
    assert response.status_code == 403
    assert b"This page was open for too long" in response.content


@pytest.mark.parametrize("path", ["/", LOGIN])
def test_pages_have_a_policy_that_allows_no_external_content(client, db, path):
    response = client.get(path)
    assert response["Content-Security-Policy"] == POLICY
    assert POLICY.startswith("default-src 'self';")
    assert b"style=" not in response.content
    assert b"<style" not in response.content


@pytest.mark.parametrize("path", ["/api/v1/me", "/api/v1/classes", "/api/v1/classes/x", "/api/v1/join-requests"])
def test_the_pages_of_the_api_have_the_same_policy(client, erin, path):
    client.force_login(erin)
    response = client.get(path, headers={"Accept": "text/html"})
    assert response["Content-Security-Policy"] == POLICY
    assert re.findall(rb"style=|<style|\son\w+=|<script(?! src=)", response.content) == []


def test_an_unknown_page_is_404_in_our_own_layout(client, db):
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert b"Page not found" in response.content
    assert response["Content-Security-Policy"] == POLICY


def test_the_page_of_a_server_error_needs_no_database(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        response = server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert b"Something went wrong here" in response.content


def test_an_unreadable_request_has_a_page_too():
    assert b"This request could not be read" in bad_request(RequestFactory().get("/"), ValueError()).content


def test_a_403_page_has_a_link_home():
    assert "sign in with that one" in render_to_string("403.html")


def test_a_sign_in_writes_no_event(client, erin):
    before = len(events_of(erin))
    sign_in(client)
    erin.refresh_from_db()
    assert (erin.last_login is not None, len(events_of(erin))) == (True, before)


@pytest.mark.django_db(transaction=True)
def test_a_sign_in_is_written_in_one_transaction(client, erin):
    seen = []

    def note(sender, **signal):
        seen.append(connection.in_atomic_block)

    user_logged_in.connect(note)
    try:
        sign_in(client)
    finally:
        user_logged_in.disconnect(note)
    assert seen == [True]
