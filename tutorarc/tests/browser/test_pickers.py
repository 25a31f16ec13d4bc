"""Date and time pickers in the visitor's time zone, where clocks go forward and back, and where midnight is skipped."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DAYS = {
    "Europe/Berlin": ("2036-03-30", "2036-10-26", "2036-06-01"),
    "America/New_York": ("2036-03-09", "2036-11-02"),
    "America/Santiago": ("2025-09-07", "2025-04-05"),  # at midnight
    "Australia/Lord_Howe": ("2025-10-05", "2025-04-06"),  # by half an hour
    "Pacific/Apia": ("2011-12-29", "2011-12-30", "2011-12-31"),  # without a 30 December
    "Africa/Casablanca": ("2025-02-23", "2025-04-06"),
    "Asia/Kathmandu": ("2036-06-01",),
}
TIMES = [f"{hour:02}:{minute}" for hour, minute in product((0, 1, 2, 3, 10, 23), ("00", "15", "30", "45"))]


def moments_of(text: str, zone: str) -> list[str]:
    """The moments that a local time can mean, by Python's own rules."""
    local = datetime.fromisoformat(text)
    possible = {local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    return [
        f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"
        for moment in sorted(possible)
        if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local
    ]


def test_a_local_time_stands_for_one_time_two_or_none(chromium, live_server):
    for zone, days in DAYS.items():
        with chromium.new_context(base_url=live_server.url, timezone_id=zone) as context:
            page = context.new_page()
            page.goto("/accounts/login/")
            page.add_script_tag(url="/static/tutorarc/pickers.js")
            texts = [f"{day}T{time}" for day in days for time in TIMES]
            found = page.evaluate("texts => texts.map(text => momentsOf(text).map(isoText))", texts)
            assert dict(zip(texts, found, strict=True)) == {text: moments_of(text, zone) for text in texts}


def test_a_day_starts_at_its_first_moment(chromium, live_server):
    for zone, day, first in (
        ("Asia/Kolkata", "2036-03-20", "2036-03-19T18:30:00.000Z"),
        ("America/Santiago", "2025-09-07", "2025-09-07T04:00:00.000Z"),  # at 1:00
        ("America/Havana", "2025-11-02", "2025-11-02T04:00:00.000Z"),  # the first of two
    ):
        with chromium.new_context(base_url=live_server.url, timezone_id=zone) as context:
            page = context.new_page()
            page.goto("/accounts/login/")
            page.add_script_tag(url="/static/tutorarc/pickers.js")
            assert page.evaluate("day => isoText(startOfDay(day))", day) == first


@pytest.fixture
def visitor_in(chromium: Any, live_server: Any, client: Any, alice: Any) -> Any:
    """`visitor_in(zone)`: a page of Alice's browser there."""
    contexts = []

    def open_page(zone: str) -> Any:
        client.force_login(alice)
        contexts.append(chromium.new_context(base_url=live_server.url, timezone_id=zone, locale="en-GB"))
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        contexts[0].add_cookies([cookie])
        page = contexts[0].new_page()
        page.set_default_timeout(10_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


def edit(page):
    page.get_by_text("Edit", exact=True).click()


def save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Save").click()


def test_the_visitor_chooses_between_two_equal_local_times(visitor_in, schedule):
    second = datetime(2036, 10, 26, 1, 30, tzinfo=UTC)  # the second 2:30 of that night in Berlin
    session = schedule(start_time=second)
    page = visitor_in("Europe/Berlin")
    page.goto(f"/api/v1/sessions/{session.pk}")
    edit(page)
    starts = page.get_by_label("Starts", exact=True)
    which = page.get_by_label("Clocks go back, and this time comes twice. Which one?")
    assert (starts.input_value(), which.input_value()) == ("2036-10-26T02:30", f"{second.timestamp() * 1000:.0f}")
    assert which.locator("option").all_inner_texts() == ["02:30 CEST, the first time", "02:30 CET, the second time"]
    assert page_problems(page) == []
    starts.fill("2036-10-26T02:45")  # the second, as before
    save(page)
    assert LiveSession.objects.get().start_time == second + timedelta(minutes=15)
    edit(page)
    which.select_option("02:45 CEST, the first time")
    save(page)
    assert LiveSession.objects.get().start_time == second - timedelta(minutes=45)
    edit(page)
    assert which.locator("option:checked").inner_text() == "02:45 CEST, the first time"
    starts.fill("2036-10-26T03:45")
    assert not which.is_visible()
    save(page)
    assert LiveSession.objects.get().start_time == second + timedelta(minutes=75)


def test_a_skipped_local_time_is_refused(visitor_in, schedule):
    before = datetime(2036, 3, 30, 0, 30, tzinfo=UTC)
    schedule(title="Rings", start_time=before)
    page = visitor_in("Europe/Berlin")
    page.goto("/api/v1/sessions")
    page.get_by_role("link", name="Rings").click()
    wait_for_headline(page, "Rings")
    edit(page)
    page.get_by_label("Starts", exact=True).fill("2036-03-30T02:30")
    page.get_by_role("button", name="Save").click()
    words = "Clocks go forward then and skip this time (Europe/Berlin). Pick another one."
    page.get_by_text(words, exact=True).wait_for()
    assert page.evaluate("document.activeElement.id") == "partial_update_startTime"
    assert LiveSession.objects.get().start_time == before
    page.get_by_label("Starts", exact=True).fill("2036-03-30T03:30")
    save(page)
    assert LiveSession.objects.get().start_time == before + timedelta(hours=1)


def test_filters_use_the_visitors_days(visitor_in, schedule):
    """A day in Kolkata begins at 18:30 UTC."""
    midnight = datetime(2036, 3, 19, 18, 30, tzinfo=UTC)
    for title, minutes in (("Before", -1), ("First", 0), ("Last", 24 * 60 - 1), ("After", 24 * 60)):
        schedule(title=title, start_time=midnight + timedelta(minutes=minutes))
    page = visitor_in("Asia/Kolkata")
    page.goto("/api/v1/sessions")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("From").fill("2036-03-20")
    page.get_by_label("Before").fill("2036-03-21")
    for _ in range(2):  # the second time with what the first has left in the fields
        with page.expect_navigation():
            page.get_by_role("button", name="Show", exact=True).click()
        assert page.locator(".lessons strong").all_inner_texts() == ["First", "Last"]
        shown = [page.get_by_label(label).input_value() for label in ("From", "Before")]
        assert shown == ["2036-03-20", "2036-03-21"]
    page.get_by_text("In your own time (Asia/").first.wait_for()
    assert page_problems(page) == []


def test_the_next_lesson_keeps_its_hour_where_clocks_change(visitor_in, schedule):
    last = schedule(title="Rings", start_time=datetime(2036, 3, 23, 15, tzinfo=UTC))  # 16:00 in Berlin, in winter
    page = visitor_in("Europe/Berlin")
    page.goto("/")  # after the first page the server knows the browser's time zone
    page.goto(f"/lessons/new?like={last.pk}")
    assert page.get_by_label("Starts", exact=True).input_value() == "2036-03-30T16:00"
    page.get_by_text("Sunday, 30 March 2036, 16:00 to 17:00 (Europe/Berlin)").wait_for()
    assert not page.get_by_label("Other length in minutes").is_visible()
    page.get_by_label("Other", exact=True).check()
    page.get_by_label("Other length in minutes").fill("600")
    page.get_by_text("Sunday, 30 March 2036, 16:00 to Monday, 31 March 2036, 02:00 (Europe/Berlin)").wait_for()
    with page.expect_navigation():
        page.get_by_role("button", name="Schedule lesson").click()
    assert LiveSession.objects.order_by("-pk")[0].start_time == datetime(2036, 3, 30, 14, tzinfo=UTC)
    page.goto(f"/lessons/new?like={last.pk}")
    assert page_problems(page) == []


def test_a_picker_is_in_the_time_zone_of_the_account_as_all_times_of_the_page(visitor_in, alice, schedule):
    alice.edit(Actor(alice), time_zone="Asia/Kolkata")
    last = schedule(title="Rings", start_time=datetime(2036, 3, 23, 15, tzinfo=UTC))
    page = visitor_in("Europe/Berlin")
    page.goto(f"/lessons/new?like={last.pk}")
    assert page.get_by_label("Starts", exact=True).input_value() == "2036-03-30T20:30"
    page.get_by_text("In your own time (Asia/Kolkata).").wait_for()
    page.get_by_text("Sunday, 30 March 2036, 20:30 to 21:30 (Asia/Kolkata)").wait_for()
