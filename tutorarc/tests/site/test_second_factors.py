"""Second factors: setting them up, and signing in with them."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from tutorarc.domain import encryption
from tutorarc.domain.events import SYSTEM, Actor

PASSWORD = "correct-horse-battery"
LOGIN, CODE, APP, CODES = (
    "/accounts/login/",
    "/accounts/2fa/authenticate/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/recovery-codes/",
)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


def current_code(secret=SECRET, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def app(erin):
    """Erin's authenticator app."""
    return Authenticator.objects.create(user=erin, type="totp", data={"secret": encryption.encrypt(SECRET)})


def sign_in(client, **fields):
    return client.post(LOGIN, {"username": "erin@example.org", "password": PASSWORD, **fields})


def is_signed_in(client):
    return client.get("/accounts/").status_code == 200


def confirm(client, password=PASSWORD):
    """Enter the password again, where a page asked for it."""
    return client.post("/accounts/reauthenticate/", {"password": password})


def test_a_password_alone_signs_in_nobody_who_has_a_second_factor(client, app):
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, CODE)
    assert not is_signed_in(client)
    assert client.get("/api/v1/me").status_code == 401


def test_the_code_completes_the_sign_in_and_leads_on(client, app):
    sign_in(client, next="/developers/keys")
    response = client.post(CODE, {"code": current_code()})
    assert (response.status_code, response["Location"]) == (302, "/developers/keys")
    assert is_signed_in(client)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(client, app, steps, right, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    sign_in(client)
    client.post(CODE, {"code": current_code(steps=steps)})
    assert is_signed_in(client) is right


def test_a_code_works_once(client, app, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    sign_in(client)
    client.post(CODE, {"code": current_code()})
    again = Client()
    sign_in(again)
    page = again.post(CODE, {"code": current_code()})
    assert page.context["form"].errors == {"code": ["This code is wrong, or has been used."]}


def test_the_eleventh_wrong_code_is_429(client, app, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    sign_in(client)
    pages = [client.post(CODE, {"code": "000000"}) for _ in range(11)]
    assert [page.status_code for page in pages] == [200] * 10 + [429]
    assert b"Too many attempts. Wait" in pages[10].content
    assert client.post(CODE, {"code": current_code()}).status_code == 429
    time_machine.shift(timedelta(minutes=10))
    assert client.post(CODE, {"code": current_code()}).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        lambda erin: erin.change_password(Actor(erin), "another-staple-8"),
        lambda erin: erin.edit(SYSTEM, is_active=False),
        lambda erin: erin.edit(SYSTEM, is_active=False).edit(SYSTEM, is_active=True),
    ],
    ids=["new password", "inactive", "active again"],
)
def test_a_sign_in_that_waits_for_its_code_ends_when_the_account_changes(client, erin, app, change):
    sign_in(client)
    change(erin)
    assert client.post(CODE, {"code": current_code()})["Location"] == LOGIN
    assert not is_signed_in(client)
    assert "You can’t sign in with this account now." in client.get(LOGIN).text


def test_a_sign_in_that_waits_for_its_code_can_be_cancelled(client, app):
    sign_in(client)
    assert client.get(LOGIN)["Location"] == CODE
    assert client.post("/accounts/logout/", {"next": LOGIN})["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200


def test_a_one_time_link_leaves_the_second_factor_in_place(client, erin, app):
    form = client.get(erin.make_password_link(SYSTEM))["Location"]
    password = "a-longer-staple-7"
    client.post(form, {"new_password1": password, "new_password2": password})
    assert not is_signed_in(client)
    assert sign_in(client, password=password)["Location"] == CODE


@pytest.mark.parametrize("path", [CODE, "/accounts/2fa/webauthn/login/"])
def test_without_a_password_before_there_is_nothing_to_confirm(client, db, path):
    assert client.get(path)["Location"] == LOGIN


# Setting up an app


@pytest.fixture
def browser(client, erin):
    """Erin's browser, signed in with her password, which she has entered again."""
    sign_in(client)
    client.get(APP)
    assert confirm(client).status_code == 302
    return client


@pytest.mark.parametrize(
    "path", [APP, CODES + "generate/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/keys/1/remove/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_change_of_factors_asks_for_the_password_again(client, erin, path, method):
    sign_in(client)
    assert getattr(client, method)(path)["Location"].startswith("/accounts/reauthenticate/?next=%2Faccounts%2F2fa%2F")


def test_a_wrong_password_there_is_counted_as_a_sign_in(client, erin):
    sign_in(client)
    wrong = [confirm(client, "wrong") for _ in range(11)]
    assert wrong[0].context["form"].errors == {"password": ["This is not your current password."]}
    assert [page.status_code for page in wrong] == [200] * 10 + [429]
    assert b"Too many attempts. Wait" in wrong[10].content


def test_an_app_is_set_up_with_its_first_code(browser, erin):
    page = browser.get(APP)
    secret = page.context["form"].secret
    assert "<svg" in page.text
    assert "data:" not in page.text
    assert browser.post(APP, {"code": "000000"}).context["form"].errors == {
        "code": ["This code is wrong, or has been used."]
    }
    assert browser.post(APP, {"code": current_code(secret)})["Location"] == CODES
    other = Client()
    sign_in(other)
    assert other.post(CODE, {"code": current_code(secret, 1)})["Location"] == "/"


def test_secrets_and_recovery_codes_are_long_and_differ(browser, make_user):
    secrets = [browser.get(APP).context["form"].secret]
    codes = browser.post(APP, {"code": current_code(secrets[0])}, follow=True).context["unused_codes"]
    other = Client()
    other.force_login(make_user("Frank"))
    secrets.append(other.get(APP).context["form"].secret)
    assert (len(set(secrets)), {len(secret) for secret in secrets}) == (2, {32})  # of 5 bits each
    assert (len(set(codes)), {len(code) for code in codes}) == (10, {8})


def test_the_secret_and_the_codes_are_encrypted_in_the_database(browser, erin):
    secret = browser.get(APP).context["form"].secret
    page = browser.post(APP, {"code": current_code(secret)}, follow=True)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    shown = re.search(r'<pre id="codes">(.*?)</pre>', page.text, re.DOTALL)[1].split()
    assert len(shown) == 10
    assert [text for text in (secret, *shown) if text in stored] == []


def test_a_recovery_code_signs_in_once(browser, erin):
    secret = browser.get(APP).context["form"].secret
    code = browser.post(APP, {"code": current_code(secret)}, follow=True).context["unused_codes"][0]
    for signed_in in (True, False):
        other = Client()
        sign_in(other)
        other.post(CODE, {"code": code})
        assert is_signed_in(other) is signed_in


def test_codes_are_read_after_a_rotation_of_the_secret_key(client, app, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    sign_in(client)
    assert client.post(CODE, {"code": current_code()})["Location"] == "/"


def test_an_app_is_turned_off_and_its_recovery_codes_end(browser, erin):
    secret = browser.get(APP).context["form"].secret
    browser.post(APP, {"code": current_code(secret)})
    assert browser.post("/accounts/2fa/totp/deactivate/")["Location"] == "/accounts/2fa/"
    assert Authenticator.objects.count() == 0


# Unreadable input


JUNK = ["", "\0", "\ud800", "٣" * 6, "x" * 100_000, "[" * 100_000, "9" * 5_000, '{"id": "\\u0000"}', "{}", "null"]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_as_a_code_is_an_error_of_the_form(client, app, junk):
    sign_in(client)
    page = client.post(CODE, {"code": junk.encode("utf-8", "surrogatepass").decode("utf-8", "replace")})
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["code"])


CREDENTIALS = [
    *JUNK[1:],
    '{"id": "YQ", "rawId": "Yg", "type": "public-key", "response": {}}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": []}',
    '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "AAAA", '
    '"attestationObject": "gg", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}}',
]


@pytest.mark.parametrize("junk", CREDENTIALS)
def test_junk_as_a_passkey_is_refused_by_every_form(browser, app, junk):
    junk = junk.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    visitor = Client()
    visitor.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert visitor.post("/accounts/2fa/webauthn/login/", {"credential": junk})["Location"] == LOGIN
    assert "This passkey didn’t work. Try again." in visitor.get(LOGIN).text
    sign_in(visitor)
    pages = [
        visitor.post(CODE, {"credential": junk}),
        browser.get("/accounts/2fa/webauthn/add/")
        and browser.post("/accounts/2fa/webauthn/add/", {"credential": junk}),
    ]
    for page, form in zip(pages, ("webauthn_form", "form"), strict=True):
        assert list(page.context[form].errors.values()) == [["This passkey didn’t work. Try again."]]


def test_a_code_is_accepted_once_by_all_processes(app):
    code = current_code()
    answers = []
    for browser in (Client(), Client()):
        sign_in(browser)
        cache.clear()  # another process has a cache of its own
        answers.append(browser.post(CODE, {"code": code}).status_code)
    assert answers == [302, 200]
