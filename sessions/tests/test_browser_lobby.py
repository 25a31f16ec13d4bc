"""The lobby in a real browser: a visitor who waits for a strict session can enter when it starts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from sessions.models import LiveSession
from sessions.tests.lobby_pages import wait_for_state
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import axe_findings, page_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEN = datetime(2026, 3, 20, 10, tzinfo=UTC)


@pytest.fixture
def open_session(alice):
    """The session of the published example, Alice's."""

    def make(start: datetime = TEN, klass: Any = None) -> LiveSession:
        fields: dict[str, Any] = {
            "title": "Introduction to Calculus",
            "duration": 60,
            "strict": True,
            "teacher_ref": "teacher_123",
        }
        return LiveSession.objects.schedule(Actor(alice), start_time=start, klass=klass, **fields)

    return make


def requests_of(page: Any) -> list[str]:
    """The requests that the open page sends from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/join?" in request.url else None)
    return asked


# While the page waits for an answer, `due` is Infinity. Its own time stands still, so that no request takes too long.
UNTIL_ANSWERED = """async () => {
  for (let turn = 0; turn < 100 && due === Infinity; turn++) await (await fetch("/healthz")).text();
}"""


def wait_for_words(page: Any, words: str) -> None:
    """Let the page's time pass until it shows the words, in steps that are shorter than the time limit of a request."""
    for _ in range(30):
        page.clock.run_for(10_000)
        page.evaluate(UNTIL_ANSWERED)
        if page.get_by_text(words, exact=True).first.is_visible():
            return
    pytest.fail(f"Not shown: {words}")


def test_a_student_waits_enters_and_sees_the_end_as_time_passes(browser_page, open_session, time_machine):
    """The clocks of the server and the browser are moved, so that the test does not wait."""
    link = open_session().student_link
    time_machine.move_to(TEN - timedelta(minutes=10), tick=False)
    browser_page.clock.install(time=datetime(2040, 1, 1, tzinfo=UTC))  # the visitor's own clock is years wrong
    browser_page.goto(link)
    wait_for_state(browser_page, "You’re early")
    assert browser_page.get_by_role("timer").inner_text() == "10:00"
    browser_page.clock.run_for(60_000)
    assert browser_page.get_by_role("timer").inner_text() == "9:00"
    time_machine.move_to(TEN, tick=False)
    wait_for_words(browser_page, "Your teacher will start here")
    time_machine.move_to(TEN + timedelta(hours=1), tick=False)
    wait_for_words(browser_page, "This lesson is over")


def test_a_failed_request_is_repeated(browser_page, open_session, time_machine):
    link = open_session().student_link
    time_machine.move_to(TEN - timedelta(seconds=1), tick=False)
    browser_page.clock.install()
    browser_page.goto(link)
    browser_page.route("**/join?*", lambda route: route.fulfill(status=503))
    time_machine.move_to(TEN, tick=False)
    browser_page.clock.run_for(3_000)
    browser_page.get_by_text("We can’t reach the server just now, and keep trying.").wait_for()
    browser_page.unroute("**/join?*")
    browser_page.clock.run_for(21_000)
    wait_for_state(browser_page, "Your teacher will start here")
    assert browser_page.locator("#trouble").inner_text() == ""


def test_a_429_is_shown_and_its_retry_after_is_respected(browser_page, open_session, time_machine):
    link = open_session().student_link
    time_machine.move_to(TEN - timedelta(seconds=1), tick=False)
    browser_page.clock.install()
    browser_page.goto(link)
    asked = requests_of(browser_page)
    browser_page.route("**/join?*", lambda route: route.fulfill(status=429, headers={"Retry-After": "45"}))
    time_machine.move_to(TEN, tick=False)
    browser_page.clock.run_for(3_000)
    words = "Too many requests come from your network. This page looks again in 45 seconds."
    browser_page.get_by_text(words, exact=True).wait_for()
    browser_page.unroute("**/join?*")
    browser_page.clock.run_for(30_000)
    assert len(asked) == 1
    browser_page.clock.run_for(26_000)
    wait_for_state(browser_page, "Your teacher will start here")
    assert (len(asked), browser_page.locator("#trouble").inner_text()) == (2, "")


RECORD_REQUESTS = """() => {
    window.sentAt = [];
    window.send = window.fetch;
    window.fetch = (...request) => {
        sentAt.push(performance.now());
        return send(...request);
    };
}"""


def test_requests_are_sent_every_20_seconds_near_the_start_and_every_minute_before(
    browser_page, open_session, time_machine
):
    link = open_session().student_link
    time_machine.move_to(TEN - timedelta(minutes=18), tick=False)
    browser_page.clock.install()
    browser_page.goto(link)
    browser_page.evaluate(RECORD_REQUESTS)
    for _ in range(60):
        browser_page.clock.run_for(4_000)
        browser_page.evaluate("async () => (await send('/healthz')).text()")  # an answer to a request has arrived
    gaps = [later - earlier for earlier, later in pairwise([0, *browser_page.evaluate("sentAt")])]
    far, near = gaps[:3], gaps[3:]  # a slow answer makes the next gap longer
    assert all(60_000 <= gap < 75_000 for gap in far)
    assert near
    assert all(20_000 <= gap < 35_000 for gap in near)


def test_changes_by_a_teacher_are_shown_without_a_reload(browser_page, open_session, time_machine, alice):
    ten = datetime(2036, 3, 20, 10, tzinfo=UTC)  # later than `created_at`, which is always real
    session = open_session(ten)
    time_machine.move_to(ten - timedelta(minutes=20), tick=False)
    browser_page.clock.install()
    browser_page.goto(session.student_link)
    wait_for_state(browser_page, "You’re early")
    browser_page.evaluate("window.isTheSamePage = true")

    def follow(words: str, **changes: Any) -> str:
        session.reschedule(Actor(alice), **changes)
        wait_for_words(browser_page, words)
        return browser_page.locator("#lobby-headline").inner_text()

    later, title = ten + timedelta(minutes=30), "The new title is “\u2068Limits\u2069”."
    assert follow("Moved to 10:30.", start_time=later) == "You’re early"
    assert "49:20" <= browser_page.get_by_role("timer").inner_text() <= "50:00"
    assert follow(title, title="Limits") == "You’re early"
    assert browser_page.get_by_role("heading", level=1).inner_text() == "Limits"
    assert browser_page.title() == "You’re early: Limits · TutorArc"
    assert follow("The new length is 45 minutes.", duration=45) == "You’re early"
    words = "Students can now enter before and after the lesson too. Your teacher will start here."
    assert follow(words, strict=False) == "Your teacher will start here"
    in_two_days = ten + timedelta(days=2)
    assert follow("Moved to Saturday, 22 March 2036, 10:00.", start_time=in_two_days) == "Your teacher will start here"
    assert follow("You can join now.", room_url="https://meet.example.com/a") == "You can join now"
    assert browser_page.get_by_role("link", name="Join the lesson").count() == 1
    words = "Students can now enter only during the lesson. You’re early."
    assert follow(words, strict=True) == "You’re early"
    words = "Moved to Thursday, 20 March 2036, 09:30. You can join now."
    assert follow(words, start_time=ten - timedelta(minutes=30)) == "You can join now"
    session.reschedule(Actor(alice), start_time=ten)
    session.cancel(Actor(alice))
    wait_for_words(browser_page, "This lesson was cancelled")
    assert browser_page.evaluate("window.isTheSamePage") is True
    assert page_problems(browser_page) == []
    asked = requests_of(browser_page)
    browser_page.clock.run_for(600_000)
    assert asked == []  # nothing can change any more


def test_a_signed_link_opens_by_itself_too(browser_page, open_session, time_machine, settings):
    settings.SIGNED_TEACHER_LINKS = True
    link = open_session().teacher_link
    time_machine.move_to(TEN - timedelta(minutes=16), tick=False)
    browser_page.clock.install()
    browser_page.goto(link)
    wait_for_state(browser_page, "You’re early")
    time_machine.move_to(TEN - timedelta(minutes=15), tick=False)
    wait_for_words(browser_page, "This lesson has no room link yet")


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en-GB", "Friday 20 March, 15:30 to 16:30"),
        ("en-US", "Friday, March 20, 3:30 PM to 4:30 PM"),
        ("ar-EG", "Friday 20 March, 15:30 to 16:30"),  # right to left, with digits of its own
        ("fa-IR", "Friday 20 March, 15:30 to 16:30"),  # with a calendar of its own, too
        ("en-US-u-ca-buddhist-nu-thai", "Friday, March 20, 3:30 PM to 4:30 PM"),
    ],
)
def test_a_time_is_shown_in_the_visitors_time_zone_and_in_english(
    chromium, live_server, settings, open_session, locale, expected
):
    settings.BOARD_URL = live_server.url
    with chromium.new_context(timezone_id="Asia/Kolkata", locale=locale) as context:
        page = context.new_page()
        page.clock.set_fixed_time(datetime(2026, 1, 1, tzinfo=UTC))
        page.goto(open_session().student_link)
        assert page.locator("#lobby-when").inner_text().replace("\u202f", " ") == expected
        assert page.locator("time").first.get_attribute("datetime") == "2026-03-20T10:00:00Z"
        assert page.locator("#zone").inner_text() == "Times are in your time zone: Asia/Calcutta"


def test_a_user_without_rights_finds_the_way_to_the_students_lobby(
    browser_page, browser_sign_in, make_user, open_session
):
    session = open_session(timezone.now())
    browser_sign_in(make_user("Frank", "TEACHER"))
    browser_page.goto(session.teacher_link)
    assert page_problems(browser_page) == []
    browser_page.get_by_role("link", name="Enter as a student").click()
    wait_for_state(browser_page, "Your teacher will start here")


def test_join_leads_from_the_open_lobby_to_the_room(browser_page, open_session, time_machine, alice, live_server):
    """On the page that was open before. The address of the room is in no part of it."""
    session = open_session()
    room = f"{live_server.url}/healthz?room=of-alice".replace("127.0.0.1", "localhost")
    LiveSession.objects.filter(pk=session.pk).update(room_url=room)  # no https here
    time_machine.move_to(TEN - timedelta(seconds=5), tick=False)
    browser_page.clock.install()
    browser_page.goto(session.student_link)
    wait_for_state(browser_page, "You’re early")
    assert browser_page.get_by_role("link", name="Join the lesson").count() == 0
    time_machine.move_to(TEN, tick=False)
    wait_for_words(browser_page, "You can join now")
    assert "of-alice" not in browser_page.content()
    with browser_page.expect_request("**/healthz?*") as sent:
        browser_page.get_by_role("link", name="Join the lesson").click()
    browser_page.wait_for_url(room)
    assert "referer" not in sent.value.headers


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_lobby_fits_a_phone_and_has_no_menu(chromium, live_server, settings, open_session, time_machine, scheme):
    settings.BOARD_URL = live_server.url
    session = open_session(timezone.now())
    LiveSession.objects.filter(pk=session.pk).update(room_url="https://meet.example.com/", title="Differentiation" * 13)
    with chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(session.student_link)
        join = page.get_by_role("link", name="Join the lesson")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert join.bounding_box()["height"] >= 44
        assert page.get_by_role("navigation").count() == 0
        assert axe_findings(page) == []


def test_without_script_the_page_says_the_same_and_can_be_reloaded(
    chromium, live_server, settings, open_session, time_machine
):
    settings.BOARD_URL = live_server.url
    session = open_session()
    time_machine.move_to(TEN - timedelta(minutes=10), tick=False)
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(session.student_link)
        assert page.get_by_role("timer").inner_text().replace("\xa0", " ") == "10 minutes"
        time_machine.move_to(TEN, tick=False)
        page.get_by_role("link", name="Reload").click()
        wait_for_state(page, "Your teacher will start here")


def test_a_teacher_who_was_removed_is_told_without_a_reload(
    browser_page, browser_sign_in, open_session, time_machine, alice, dora, algebra
):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    session = open_session(klass=algebra)
    time_machine.move_to(TEN - timedelta(minutes=14), tick=False)
    browser_sign_in(dora)
    browser_page.clock.install()
    browser_page.goto(f"/board?id={session.pk}&role=teacher")
    wait_for_state(browser_page, "This lesson has no room link yet")
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    wait_for_words(browser_page, "This link is for the teacher")
