"""Notifications in a browser: the page to choose them, the link to unsubscribe, and the HTML part of a mail."""

import pytest

from tutorarc.mail.kinds import KINDS, Letter, Link, Section
from tutorarc.mail.letters import notice_mail
from tutorarc.mail.models import UnwantedKind
from tutorarc.mail.unsubscribe import unsubscribe_path
from tutorarc.testing.browser import page_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_pages_are_accessible_and_save_the_choice(browser_page, browser_sign_in, bob):
    browser_page.goto(unsubscribe_path(bob.pk, "lessons"))  # without a sign-in
    assert page_problems(browser_page) == []
    browser_page.get_by_role("button", name="Unsubscribe").click()
    browser_page.get_by_role("heading", name="Unsubscribed").wait_for()
    assert (page_problems(browser_page), UnwantedKind.objects.of(bob)) == ([], {"lessons"})
    browser_sign_in(bob)
    browser_page.goto("/accounts/notifications")
    assert page_problems(browser_page) == []
    assert not browser_page.get_by_role("checkbox", name="Lessons").is_checked()
    browser_page.get_by_role("checkbox", name="Lessons").check()
    browser_page.get_by_role("button", name="Save").click()
    browser_page.get_by_text("Your choice was saved.").wait_for()
    assert UnwantedKind.objects.of(bob) == set()


def test_the_html_part_of_a_mail_is_accessible_and_fits_a_phone(browser_page, live_server, bob, settings):
    settings.PUBLIC_URL = "https://school.example"
    sections = [Section("New:", ["Matrices (Algebra): Friday"] * 3), Section("", link=Link("Your lessons", "/x"))]
    mail = notice_mail(bob, KINDS["lessons"], Letter("3 new lessons", sections), id="1")
    browser_page.route("**/mail", lambda route: route.fulfill(body=mail.html, content_type="text/html"))
    browser_page.goto("/mail")
    assert page_problems(browser_page) == []
