"""Passkeys in a real browser, whose authenticator is a virtual one."""

import pytest

from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def page(browser_page):
    devtools = browser_page.context.new_cdp_session(browser_page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return browser_page


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state("load")


def sign_in_with_password(page):
    page.get_by_label("E-mail address").fill("erin@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")


def sign_out(page):
    page.locator("summary", has_text="Erin").click()
    press(page, "Sign out")


def add_passkey(page, alone=True):
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Go on")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("checkbox").set_checked(alone)
    assert page_problems(page) == []
    press(page, "Add passkey")
    wait_for_headline(page, "Recovery codes")
    assert page_problems(page) == []


def test_a_passkey_signs_in_alone(page, make_user):
    make_user("Erin", "TEACHER", password=PASSWORD)
    page.goto("/accounts/login/")
    sign_in_with_password(page)
    add_passkey(page)
    page.goto("/accounts/2fa/")
    assert "Laptop" in page.locator("main").inner_text()
    assert page_problems(page) == []
    sign_out(page)
    page.goto("/accounts/login/?next=/developers/keys")
    assert page_problems(page) == []
    press(page, "Use a passkey")
    page.wait_for_url("**/developers/keys")


def test_a_passkey_is_a_second_factor_beside_the_password(page, make_user):
    make_user("Erin", "TEACHER", password=PASSWORD)
    page.goto("/accounts/login/")
    sign_in_with_password(page)
    add_passkey(page, alone=False)
    sign_out(page)
    page.goto("/accounts/login/?next=/developers/keys")
    sign_in_with_password(page)
    wait_for_headline(page, "Confirm your sign-in")
    assert page_problems(page) == []
    press(page, "Use a passkey")
    page.wait_for_url("**/developers/keys")


def test_a_browser_without_a_passkey_shows_a_message(page, make_user):
    page.goto("/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('no')) }")
    page.get_by_role("button", name="Use a passkey").click()
    assert "That didn’t work." in page.get_by_role("alert").inner_text()
