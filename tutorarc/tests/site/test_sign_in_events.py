"""What the security log has of sign-ins, failed ones and sign-outs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tutorarc.models import SecurityEvent

PASSWORD = "correct-horse-battery"
LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


def sign_in(client, username="erin@example.org", password=PASSWORD):
    client.post(LOGIN, {"username": username, "password": password})


def events():
    found = SecurityEvent.objects.exclude(kind="rights.given").order_by("pk")  # without the role of Erin
    return list(found.values_list("kind", "user", "actor", "details", "times"))


def test_a_sign_in_and_a_sign_out(client, erin):
    sign_in(client)
    client.post(LOGOUT)
    client.post(LOGOUT)  # nobody is signed in
    method = {"method": "password"}
    assert events() == [("sign_in.succeeded", erin.pk, erin.pk, method, 1), ("sign_out", erin.pk, erin.pk, {}, 1)]


@pytest.mark.parametrize("typed", ["erin@example.org", " ERIN@example.org ", "ｅｒｉｎ@example.org"])
def test_a_wrong_password_is_recorded_for_the_person_however_the_address_was_typed(client, erin, typed):
    sign_in(client, typed, "wrong")
    assert events() == [("sign_in.failed", erin.pk, None, {}, 1)]


def test_the_tenth_wrong_password_is_recorded_as_what_limits_further_ones(client, erin):
    for _ in range(12):
        sign_in(client, password="wrong")
    assert events() == [("sign_in.failed", erin.pk, None, {}, 10), ("sign_in.limited", erin.pk, None, {}, 1)]


def test_nothing_is_recorded_of_an_address_that_nobody_has(client, erin):
    """People type passwords there."""
    for typed in ["nobody@example.org", PASSWORD, f"{PASSWORD}@example.org"]:
        sign_in(client, typed)
    assert events() == [("sign_in.failed", None, None, {"reason": "unknown account"}, 3)]


def test_a_deactivated_person_fails(client, erin):
    type(erin).objects.filter(pk=erin.pk).update(is_active=False)
    sign_in(client)
    assert events() == [("sign_in.failed", erin.pk, None, {}, 1)]


def test_a_sign_in_is_one_more_statement(client, erin):
    with CaptureQueriesContext(connection) as queries:
        sign_in(client)
    written = [query["sql"] for query in queries if "tutorarc_securityevent" in query["sql"]]
    assert [statement.split()[0] for statement in written] == ["INSERT"]


def test_a_forgotten_password_is_recorded_for_the_person(client, erin):
    for typed in [" ERIN@example.org ", "nobody@example.org"]:
        client.post("/accounts/forgotten/", {"email": typed})
    unknown = {"reason": "unknown account"}
    assert events() == [
        ("password_link.requested", erin.pk, None, {}, 1),
        ("password_link.requested", None, None, unknown, 1),
    ]


def test_the_row_has_the_address_and_the_browser(client, erin):
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    client.defaults["HTTP_X_REQUEST_ID"] = "mine-1"
    sign_in(client)
    event = SecurityEvent.objects.get(kind="sign_in.succeeded")
    assert (event.address, event.browser, event.request_id) == ("127.0.0.1", "Firefox 128 on Linux", "mine-1")
