"""The warning about other lessons at the same time, in a browser: it follows the form before that is sent."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tutorarc.testing.browser import page_problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEN = datetime(2036, 3, 20, 10, tzinfo=UTC)


@pytest.fixture
def page(chromium, live_server, client, alice):
    with chromium.new_context(base_url=live_server.url, locale="en-GB", timezone_id="UTC") as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        client.force_login(alice)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        yield page


def test_it_follows_the_times_and_the_ticks_of_the_form(page, schedule):
    for week in (0, 2):
        schedule(title=f"In week {week}", start_time=TEN + timedelta(weeks=week))
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "startTime=" in request.url else None)
    page.goto("/lessons/new")
    told = page.locator("#overlaps li a")
    expect(told).to_have_count(0)
    page.get_by_label("Title").fill("New")
    page.get_by_label("Class").select_option("No class")
    page.get_by_label("Room").fill("https://room.example/secret")
    starts = page.get_by_label("Starts")
    starts.fill("2036-03-20T10:30")
    starts.dispatch_event("change")
    expect(told).to_have_text(["In week 0"])
    assert page.evaluate("document.activeElement.id") == "create_startTime"
    page.get_by_label("30 minutes").check()
    starts.fill("2036-03-20T09:30")
    starts.dispatch_event("change")
    expect(told).to_have_count(0)
    page.get_by_label("1 hour", exact=True).check()
    expect(told).to_have_count(0)
    page.get_by_label("1½ hours").check()
    expect(told).to_have_text(["In week 0"])
    page.get_by_label("Weekly").check()
    page.get_by_label("Or this number of lessons").fill("3")
    page.get_by_label("Until", exact=True).focus()
    expect(told).to_have_text(["In week 0", "In week 2"])
    assert page_problems(page) == []
    page.get_by_role("button", name="Schedule lesson").click()
    page.get_by_label("20 Mar").uncheck()
    expect(told).to_have_text(["In week 2"])
    names = {name for url in asked for name in parse_qs(urlsplit(url).query)}
    assert names <= {"classId", "startTime", "length", "duration", "repeat", "times", "timeZone", "date", "datesOf"}
