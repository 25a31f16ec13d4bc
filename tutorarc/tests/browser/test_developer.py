"""A developer in a real browser: from signing in to the links of a live session."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apikeys.models import ApiKey
from sessions.models import LiveSession
from sessions.tests.lobby_pages import wait_for_state
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import axe_findings, page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"
TEN = datetime(2026, 3, 20, 10, tzinfo=UTC)


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def key_of_erin(erin):
    return ApiKey.objects.issue(erin, Actor(erin), name="Timetable")[0]


@pytest.fixture
def open_session(erin):
    """The session of the published example, Erin's."""

    def make(start: datetime = TEN) -> LiveSession:
        fields: dict[str, Any] = {"title": "Sums", "duration": 60, "strict": True, "teacher_ref": "teacher_123"}
        return LiveSession.objects.schedule(Actor(erin), start_time=start, **fields)

    return make


def sign_in(page):
    page.get_by_label("E-mail address").fill("erin@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def make_key(page, name="Timetable sync", access="Full access"):
    page.get_by_label("Name").fill(name)
    page.get_by_label(access).check()
    page.get_by_role("button", name="Create key").click()
    return page.get_by_label(name).input_value()


def send_from_the_reference(page, key):
    """Sends the call that the reference has filled in, and reads the answer that the page shows."""
    page.set_default_timeout(30_000)  # Swagger UI is slow on a busy machine
    page.goto("/api/docs")
    page.get_by_role("link", name="Create a live session now").click()
    call = page.locator("#operations-Classes-createClass")
    call.get_by_role("button", name="Try it out").wait_for()
    page.locator(".auth-wrapper > .authorize").click()
    page.get_by_label("Value:").fill(key)
    page.locator(".modal-ux").locator(".btn.authorize:visible").click()
    page.locator(".modal-ux .btn-done").first.click()
    call.get_by_role("button", name="Try it out").click()
    call.get_by_role("button", name="Execute").click()
    shown = call.locator(".live-responses-table .response")
    shown.wait_for()
    status = shown.locator(".response-col_status").inner_text().split()[0]
    return status, json.loads(shown.locator(".highlight-code code").first.inner_text())


def test_from_sign_in_to_working_session_links(browser_page, erin, live_server, time_machine):
    browser_page.goto("/developers/keys/new")
    sign_in(browser_page)
    browser_page.wait_for_url("**/developers/keys/new")
    key = make_key(browser_page)
    status, answer = send_from_the_reference(browser_page, key)
    begun = LiveSession.objects.get(title="Introduction to Calculus")
    session, start = begun.pk, begun.start_time
    assert timedelta(0) < start - timezone.now() < timedelta(hours=3)
    link = f"{live_server.url}/join?id={session}"
    data = {
        "sessionId": session,
        "teacherLink": f"{live_server.url}/board?id={session}&role=teacher",
        "studentLink": link,
    }
    assert (status, answer) == ("200", {"status": "success", "data": data})
    for moment, words in [
        (start - timedelta(minutes=1), "You’re early"),
        (start + timedelta(minutes=30), "Your teacher will start here"),
        (start + timedelta(hours=1), "This lesson is over"),
    ]:
        time_machine.move_to(moment, tick=False)
        browser_page.goto(link)
        wait_for_state(browser_page, words)


def test_the_key_and_the_call_can_be_copied(browser_page, browser_sign_in, erin):
    browser_sign_in(erin)
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    browser_page.goto("/developers/keys/new")
    key = make_key(browser_page)
    browser_page.get_by_role("button", name="Copy the key").click()
    browser_page.get_by_role("button", name="Copied").wait_for()
    assert browser_page.evaluate("navigator.clipboard.readText()") == key
    browser_page.get_by_role("button", name="Copy the call").click()
    browser_page.get_by_role("button", name="Copied").nth(1).wait_for()
    assert f'-H "X-API-Key: {key}"' in browser_page.evaluate("navigator.clipboard.readText()")


def test_reloading_the_shown_once_page_shows_the_list(browser_page, browser_sign_in, erin):
    browser_sign_in(erin)
    browser_page.goto("/developers/keys/new")
    key = make_key(browser_page)
    browser_page.reload()
    wait_for_headline(browser_page, "API keys")
    assert key not in browser_page.content()
    assert ApiKey.objects.count() == 1


def test_a_double_click_creates_no_second_key(browser_page, browser_sign_in, erin):
    browser_sign_in(erin)
    browser_page.goto("/developers/keys/new")
    browser_page.get_by_label("Name").fill("Sync")
    browser_page.get_by_label("Full access").check()
    browser_page.get_by_role("button", name="Create key").dblclick()
    wait_for_headline(browser_page, "Your new key")
    assert ApiKey.objects.count() == 1


def test_without_script_a_key_can_be_created_rotated_and_revoked(chromium, live_server, client, erin):
    client.force_login(erin)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto("/developers/keys")
        page.get_by_role("link", name="Create key").first.click()
        assert make_key(page).startswith("ta_live_")
        page.get_by_role("link", name="Done, I have copied the key").click()
        page.get_by_role("link", name="Rotate").click()
        page.get_by_label("At once").check()
        page.get_by_role("button", name="Create new secret").click()
        assert page.get_by_label("Timetable sync").input_value().startswith("ta_live_")
        page.get_by_role("link", name="Done, I have copied the key").click()
        page.get_by_role("link", name="Revoke", exact=True).first.click()
        page.get_by_role("button", name="Revoke key").click()
        wait_for_headline(page, "API keys")
    assert not ApiKey.objects.usable().exists()


def test_every_page_is_accessible_and_fits_the_screen(browser_page, browser_sign_in, erin, key_of_erin, open_session):
    page, now = browser_page, timezone.now()
    cancelled = open_session(now + timedelta(days=2))
    cancelled.cancel(Actor(erin))
    early, live = open_session(now + timedelta(minutes=30)), open_session(now)
    paths = ["/accounts/login/", "/", "/join?id=nonsense", open_session().student_link, cancelled.student_link]
    for path in [*paths, early.student_link, live.student_link]:
        page.goto(path)
        assert (path, page_problems(page)) == (path, [])
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in").click()
    assert page_problems(page) == []
    browser_sign_in(erin)
    own = [
        "/developers/keys",
        "/developers/keys/new",
        *(f"/developers/keys/{key_of_erin.pk}/{action}" for action in ("rotate", "revoke")),
    ]
    for path in [*own, early.teacher_link]:
        page.goto(path)
        assert (path, page_problems(page)) == (path, [])
    page.goto("/developers/keys/new")
    page.get_by_role("button", name="Create key").click()
    assert page_problems(page) == []
    make_key(page)
    assert page_problems(page) == []


def test_accessibility_problems_are_detected(browser_page):
    browser_page.set_content("<main><img src='/static/tutorarc/icon.svg'></main>")
    assert any("image-alt" in finding for finding in axe_findings(browser_page))


def test_the_keyboard_reaches_the_content_first(browser_page, erin):
    browser_page.goto("/")
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.textContent") == "Skip to the content"
    browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "main"


def test_scopes_are_asked_for_only_with_their_choice(browser_page, browser_sign_in, erin):
    browser_sign_in(erin)
    browser_page.goto("/developers/keys/new")
    box = browser_page.get_by_label("classes:write")
    assert not box.is_visible()
    browser_page.get_by_label("Only what I choose").check()
    box.check()
    assert page_problems(browser_page) == []
    make_key(browser_page, access="Only what I choose")
    assert ApiKey.objects.get().scopes == ["classes:write"]
