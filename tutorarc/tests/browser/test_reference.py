"""The API reference in a real browser: reading it, and sending a call."""

import pytest

from sessions.models import LiveSession
from tutorarc.testing.browser import axe_findings

pytestmark = pytest.mark.browser
WIDTHS = pytest.mark.parametrize("width", [1280, 390])


@pytest.fixture
def reference(browser_page):
    """The reference, opened at one call. A violation of its policy is a console error, which fails the test."""

    def open_at(operation, width=1280):
        browser_page.set_default_timeout(30_000)  # Swagger UI is slow on a busy machine
        browser_page.set_viewport_size({"width": width, "height": 900})
        browser_page.goto(f"/api/docs#/{operation}")
        call = browser_page.locator(f"#operations-{operation.replace('/', '-').replace(' ', '_')}")
        call.locator(".samples").wait_for()
        return call

    return open_at


@WIDTHS
def test_a_call_is_documented_before_it_is_sent(reference, live_server, width):
    call = reference("Classes/createClass", width)
    assert call.locator(".sample-headers td").all_inner_texts() == [
        *("X-API-Key", "your_api_key_here"),
        *("Content-Type", "application/json"),
    ]
    code = call.locator(".sample-code")
    for language, word in (("cURL", "curl -X POST"), ("JavaScript", "fetch("), ("Python", "import requests")):
        call.get_by_role("tab", name=language, exact=True).click()
        assert word in code.inner_text()
        assert f"{live_server.url}/api/v1/classes" in code.inner_text()
    call.get_by_role("tab", name="A class").click()
    assert "Algorithms 101" in code.inner_text()
    assert "session_abc123" in call.locator(".responses-table .response[data-code='200']").inner_text()
    assert call.locator(".request-url").count() == 0


@WIDTHS
def test_nothing_is_wider_than_the_screen(reference, width):
    call = reference("Classes/createClass", width)
    assert call.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_languages_are_chosen_by_keyboard(reference):
    call = reference("Classes/listClasses")
    call.get_by_role("tab", name="cURL").focus()
    call.page.keyboard.press("ArrowRight")
    call.page.keyboard.press("ArrowRight")
    assert call.page.evaluate("document.activeElement.textContent") == "TypeScript"
    assert "const listClasses = async" in call.locator(".sample-code").inner_text()
    call.page.keyboard.press("Home")
    assert "curl -X GET" in call.locator(".sample-code").inner_text()


def test_an_error_is_one_line_until_it_is_expanded(reference):
    call = reference("Classes/createClass")
    error = call.get_by_role("button", name="The present state forbids this.")
    assert call.get_by_text('"CONFLICT"').count() == 0
    error.click()
    assert call.get_by_text('"CONFLICT"').is_visible()
    error.click()
    assert call.get_by_text('"CONFLICT"').count() == 0


@WIDTHS
def test_a_typed_key_gets_a_real_answer(reference, api, alice, width):
    key = api(alice).defaults["HTTP_X_API_KEY"]
    call = reference("Classes/createClass", width)
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
    assert live.locator(".response-col_status").inner_text().startswith("200")
    assert session.teacher_link in live.inner_text()
    assert session.student_link in live.inner_text()
    assert key in call.locator(".curl-command").inner_text()
    assert page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})") == "{}"


def test_signed_in_a_call_needs_no_key_and_its_snippet_shows_no_token(reference, browser_sign_in, alice):
    browser_sign_in(alice)
    call = reference("Classes/createClass")
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    call.locator(".live-responses-table .response").wait_for()
    assert LiveSession.objects.get().created_by == alice
    assert "csrf" not in call.locator(".curl-command").inner_text().lower()


@WIDTHS
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_only_the_link_in_swagger_uis_own_buttons(reference, width, scheme):
    call = reference("Classes/createClass", width)
    call.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    call.page.locator({"light": "html:not(.dark-mode)", "dark": "html.dark-mode"}[scheme]).wait_for()
    call.get_by_role("button", name="Try it out").click()
    findings = axe_findings(call.page)
    call.page.get_by_role("button", name="Authorize").first.click()
    call.page.locator(".modal-ux").get_by_role("button", name="Close").first.wait_for()
    findings += axe_findings(call.page)
    assert [finding for finding in findings if not finding.startswith("serious nested-interactive")] == []
