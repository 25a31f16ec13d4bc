"""The lobby in a real browser: a visitor who waits for a strict session can enter when it starts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from sessions.models import LiveSession
from tutorarc.domain.history import Actor
from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEN = datetime(2026, 3, 20, 10, tzinfo=UTC)


@pytest.fixture
def open_session(alice):
    """The session of the published example, Alice's."""

    def make(start: datetime = TEN) -> LiveSession:
        fields: dict[str, Any] = {
            "title": "Introduction to Calculus",
            "duration": 60,
            "strict": True,
            "teacher_ref": "teacher_123",
        }
        return LiveSession.objects.schedule(Actor(alice), start_time=start, **fields)

    return make


def test_a_student_waits_enters_and_sees_the_end_as_time_passes(browser_page, open_session, time_machine):
    """The clocks of the server and the browser are moved, so that the test does not wait."""
    link = open_session().student_link
    time_machine.move_to(TEN - timedelta(minutes=10), tick=False)
    browser_page.clock.install(time=datetime(2040, 1, 1, tzinfo=UTC))  # the visitor's own clock is years wrong
    browser_page.goto(link)
    wait_for_headline(browser_page, "You are early")
    assert browser_page.get_by_role("timer").inner_text() == "10:00"
    browser_page.clock.run_for(60_000)
    assert browser_page.get_by_role("timer").inner_text() == "9:00"
    time_machine.move_to(TEN, tick=False)
    browser_page.clock.run_for(9 * 60_000)
    wait_for_headline(browser_page, "The session is open")
    time_machine.move_to(TEN + timedelta(hours=1), tick=False)
    browser_page.clock.run_for(60 * 60_000)
    wait_for_headline(browser_page, "This session is over")


def test_a_failed_admission_request_is_repeated(browser_page, open_session, time_machine):
    link = open_session().student_link
    time_machine.move_to(TEN - timedelta(seconds=1), tick=False)
    browser_page.clock.install()
    browser_page.goto(link)
    browser_page.route("**/admission?*", lambda route: route.fulfill(status=503))
    time_machine.move_to(TEN, tick=False)
    browser_page.clock.run_for(2_000)
    browser_page.get_by_text("We can’t reach the server just now, and keep trying.").wait_for()
    browser_page.unroute("**/admission?*")
    browser_page.clock.run_for(11_000)
    wait_for_headline(browser_page, "The session is open")


def test_admission_is_seldom_requested_if_time_does_not_change_it(browser_page, schedule):
    asked = []
    browser_page.on("request", lambda request: asked.append(request.url) if "/admission?" in request.url else None)
    browser_page.clock.install()
    browser_page.goto(schedule(strict=False).student_link)
    wait_for_headline(browser_page, "The session is open")
    with browser_page.expect_response("**/admission?*"):
        browser_page.clock.run_for(301_000)
    for _ in range(5):
        browser_page.evaluate("async () => (await fetch('/healthz')).text()")  # the answer has been seen by then
        browser_page.clock.run_for(6_000)
    assert len(asked) == 1


def test_a_signed_link_opens_by_itself_too(browser_page, open_session, time_machine, settings):
    settings.SIGNED_TEACHER_LINKS = True
    link = open_session().teacher_link
    time_machine.move_to(TEN - timedelta(minutes=16), tick=False)
    browser_page.clock.install()
    browser_page.goto(link)
    wait_for_headline(browser_page, "You are early")
    time_machine.move_to(TEN - timedelta(minutes=15), tick=False)
    browser_page.clock.run_for(61_000)
    wait_for_headline(browser_page, "The session is open")


def test_a_time_is_shown_in_the_visitors_time_zone(chromium, live_server, settings, open_session):
    settings.BOARD_URL = live_server.url
    with chromium.new_context(timezone_id="Asia/Kolkata", locale="en-GB") as context:
        page = context.new_page()
        page.goto(open_session().student_link)
        assert "15:30" in page.locator("time").first.inner_text()
        assert page.locator("time").first.get_attribute("datetime") == "2026-03-20T10:00:00Z"


def test_a_user_without_rights_finds_the_way_to_the_students_lobby(
    browser_page, browser_sign_in, make_user, open_session
):
    session = open_session(timezone.now())
    browser_sign_in(make_user("Frank", "TEACHER"))
    browser_page.goto(session.teacher_link)
    assert page_problems(browser_page) == []
    browser_page.get_by_role("link", name="Enter as a student").click()
    wait_for_headline(browser_page, "The session is open")
