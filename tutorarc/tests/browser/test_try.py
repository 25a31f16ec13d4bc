"""Trying calls in a real browser, with Swagger UI."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions.models import LiveSession
from tutorarc.testing.browser import axe_findings

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def try_page(browser_page):
    """The page, opened at one call. What its policy forbids is an error in the console, and fails the test."""

    def open_at(operation="createClass", width=1280):
        browser_page.set_default_timeout(30_000)  # Swagger UI is slow on a busy machine
        browser_page.set_viewport_size({"width": width, "height": 900})
        browser_page.goto(f"/api/docs/try#{operation}")
        call = browser_page.locator(f"#operations-Classes-{operation}")
        call.get_by_role("button", name="Try it out").wait_for()
        return call

    return open_at


def test_the_call_is_shown_alone_and_all_calls_on_demand(try_page):
    page = try_page().page
    assert page.locator(".opblock").count() == 1
    assert page.locator(".auth-wrapper > .authorize").is_visible()
    page.get_by_role("link", name="All calls").click()
    page.locator(".opblock").nth(20).wait_for()


@WIDTHS
def test_nothing_is_wider_than_the_screen(try_page, width):
    call = try_page(width=width)
    assert call.page.evaluate("document.documentElement.scrollWidth") == width


def test_an_error_is_one_line_until_it_is_expanded(try_page):
    call = try_page()
    error = call.get_by_role("button", name="The present state forbids this.")
    assert "class_archived" not in error.inner_text()
    assert call.get_by_text('"CONFLICT"').count() == 0
    error.click()
    assert call.get_by_text('"CONFLICT"').is_visible()
    error.click()
    assert call.get_by_text('"CONFLICT"').count() == 0


@pytest.mark.parametrize("operation", ["createClass", "getClass"])
def test_no_pattern_is_shown(try_page, operation):
    call = try_page(operation)
    call.get_by_role("tab", name="Schema").first.click()
    text = call.inner_text()
    assert [sign for sign in ("u0000", "[0-9a-z]", "[ -~]") if sign in text] == []


@WIDTHS
def test_a_typed_key_gets_a_real_answer(try_page, api, alice, width):
    key = api(alice).defaults["HTTP_X_API_KEY"]
    call = try_page(width=width)
    page = call.page
    page.locator(".auth-wrapper > .authorize").click()
    page.get_by_label("Value:").fill(key)
    assert page.get_by_label("Value:").get_attribute("autocomplete") == "off"
    assert "sends the session cookie by itself" in page.locator(".modal-ux").inner_text()
    page.locator(".modal-ux").locator(".btn.authorize:visible").click()
    page.locator(".modal-ux .btn-done").first.click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    live = call.locator(".live-responses-table .response")
    live.wait_for()
    session = LiveSession.objects.get()
    assert timedelta(0) < session.start_time - timezone.now() < timedelta(hours=3)
    assert live.locator(".response-col_status").inner_text().startswith("200")
    assert session.teacher_link in live.inner_text()
    assert session.student_link in live.inner_text()
    assert key in call.locator(".curl-command").inner_text()
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})") == "{}"


def test_signed_in_a_call_needs_no_key_and_its_snippet_shows_no_token(try_page, browser_sign_in, alice):
    browser_sign_in(alice)
    call = try_page()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    call.locator(".live-responses-table .response").wait_for()
    assert LiveSession.objects.get().created_by == alice
    assert "csrf" not in call.locator(".curl-command").inner_text().lower()


@pytest.mark.parametrize(("width", "scheme", "rules"), [(390, "light", ()), (1280, "dark", ("color-contrast",))])
def test_axe_finds_only_the_link_in_swagger_uis_own_buttons(try_page, width, scheme, rules):
    call = try_page(width=width)
    call.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    call.page.locator({"light": "html:not(.dark-mode)", "dark": "html.dark-mode"}[scheme]).wait_for()
    call.get_by_role("button", name="Try it out").click()
    findings = axe_findings(call.page, *rules, moderate=True)
    call.page.get_by_role("button", name="Authorize").first.click()
    call.page.locator(".modal-ux").get_by_role("button", name="Close").first.wait_for()
    findings += axe_findings(call.page, *rules, moderate=True)
    assert [finding for finding in findings if not finding.startswith("serious nested-interactive")] == []
