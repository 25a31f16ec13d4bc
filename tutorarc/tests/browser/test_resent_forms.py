"""The page of a form that was refused because of a rush, in a real browser."""

import pytest

from tutorarc import settings as as_written
from tutorarc.domain import password_hashing
from tutorarc.http import unavailable
from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "plum harbour 91"


@pytest.fixture
def rush(settings, monkeypatch, make_user):
    """Passwords are refused, until `rush()` ends it."""
    settings.PASSWORD_HASHERS = as_written.PASSWORD_HASHERS
    make_user("Bob", password=PASSWORD)
    monkeypatch.setattr(password_hashing, "MAX_WAITING", -1)
    return lambda: monkeypatch.setattr(password_hashing, "MAX_WAITING", 10)


def sign_in(page):
    page.goto("/accounts/login/")
    page.get_by_label("E-mail address").fill("bob@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    wait_for_headline(page, "Back in a moment")


def test_the_page_signs_in_by_itself_once_the_rush_is_over(browser_page, rush, monkeypatch):
    monkeypatch.setattr(unavailable, "BUSY_SECONDS", 1)
    sign_in(browser_page)
    browser_page.get_by_text("This page tries again by itself in a few seconds.").wait_for()
    rush()
    wait_for_headline(browser_page, "Hello, Bob")


def test_the_page_is_accessible_and_its_button_sends_the_form(browser_page, rush):
    sign_in(browser_page)
    assert page_problems(browser_page) == []
    rush()
    browser_page.get_by_role("button", name="Try again").click()
    wait_for_headline(browser_page, "Hello, Bob")
