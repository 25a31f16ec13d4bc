"""The reference in a real browser: to be read and searched before the first call."""

import pytest

from tutorarc.testing.browser import page_problems

pytestmark = pytest.mark.browser
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def reference(browser_page):
    """`reference(path, size)`: a page below /api/docs. What its policy forbids is an error in the console."""

    def open_at(path="", size=WIDE):
        browser_page.set_viewport_size(size)
        browser_page.goto(f"/api/docs{path}")
        return browser_page

    return open_at


@pytest.mark.parametrize("path", ["", "/classes", "/sessions", "/memberships", "/errors", "/clients"])
def test_a_page_is_accessible_and_fits_both_widths(reference, path):
    assert page_problems(reference(path)) == []


def test_a_call_is_beside_its_samples_and_below_the_head_of_the_site(reference, live_server):
    page = reference("/classes")
    call = page.locator("#listClasses")
    prose, samples = (call.locator(part).bounding_box() for part in (".prose", ".samples"))
    assert prose["x"] + prose["width"] <= samples["x"]
    assert prose["y"] == samples["y"]
    assert f"{live_server.url}/api/v1/classes" in call.locator(".samples").inner_text()
    assert page.locator("header.top").get_by_role("link", name="Reference").is_visible()


def test_a_language_is_chosen_by_keyboard_for_every_call_and_page(reference):
    page = reference("/classes")
    call = page.locator("#listClasses")
    call.get_by_role("tab", name="cURL").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "TypeScript"
    assert "const listClasses = async" in call.locator(".samples").inner_text()
    assert "const getClass = async" in page.locator("#getClass .samples").inner_text()
    page.goto("/api/docs/people")
    assert "const leaveClass = async" in page.locator("#leaveClass .samples").inner_text()
    page.locator("#leaveClass").get_by_role("tab", name="TypeScript").press("Home")
    assert "curl -X POST" in page.locator("#leaveClass .samples").inner_text()


def test_a_sample_can_be_copied(reference):
    page = reference("/account")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#getMe").get_by_role("tab", name="Python").click()
    page.locator("#getMe").get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("import requests\n")


def test_the_code_of_a_guide_can_be_copied(reference):
    page = reference("/clients")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("import time\nimport uuid\n")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("approve", ["Approve pending join requests"]),
        ("last_teacher", ["Change the class role of a member", "Remove an approved member", "Leave a class"]),
        ("Idempotency key class code", ["Replace the class code"]),
        ("no such thing", []),
    ],
)
def test_calls_are_found_by_their_words_fields_and_reasons(reference, words, found):
    page = reference()
    page.keyboard.press("/")
    page.keyboard.type(words)
    shown = page.locator("#contents li:visible a").all_inner_texts()
    titles = [text.rpartition("\n")[2].removeprefix("POST").removeprefix("PATCH").strip() for text in shown]
    assert [title for title in titles if title in found or not found] == found
    assert page.locator("#contents [role=status]").inner_text().startswith(str(len(shown) or "No"))


def test_enter_goes_to_the_first_result(reference):
    page = reference()
    page.get_by_label("Find a call, field or guide").fill("getAdmission")
    page.keyboard.press("Enter")
    page.wait_for_url("**/api/docs/sessions#getAdmission")


def test_on_a_phone_the_contents_open_and_close(reference):
    page = reference("/classes", NARROW)
    link = page.get_by_role("navigation", name="Reference").get_by_role("link", name="Archive a class", exact=False)
    assert not link.first.is_visible()
    page.get_by_role("button", name="Contents").click()
    link.first.click()
    page.wait_for_url("**/classes#archiveClass")
    assert not link.first.is_visible()


@pytest.mark.parametrize("old", ["#/Classes/archiveClass", "#archiveClass"])
def test_an_old_address_of_a_call_leads_to_it(reference, old):
    reference(old).wait_for_url("**/api/docs/classes#archiveClass")


def test_without_script_every_sample_is_there(chromium, live_server):
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/api/docs/account")
        samples = page.locator("#getMe .samples").inner_text()
        assert all(word in samples for word in ("curl -X GET", "fetch(", "const getMe", "import requests"))
        assert page.get_by_label("Find a call, field or guide").is_visible() is False
