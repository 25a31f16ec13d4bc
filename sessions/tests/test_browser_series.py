"""A weekly series in a real browser, by a teacher in New York, with and without script."""

from datetime import UTC, datetime

import pytest

from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Clocks in New York go back on 2 November 2036: 16:00 is 20:00 UTC before, and 21:00 UTC after.
FIRST = datetime(2036, 10, 21, 20, tzinfo=UTC)


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(request, chromium, live_server, client, alice):
    alice.edit(Actor(alice), time_zone="America/New_York")
    options = {"java_script_enabled": request.param, "locale": "en-GB", "timezone_id": "America/New_York"}
    with chromium.new_context(base_url=live_server.url, **options) as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        client.force_login(alice)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        yield page, request.param


def test_a_weekly_series_over_a_change_of_clocks(page, algebra):
    page, has_script = page
    page.goto(f"/lessons/new?class={algebra.pk}")
    page.get_by_label("Starts").fill("2036-10-21T16:00" if has_script else "2036-10-21T20:00")
    page.get_by_label("Weekly").check()
    page.get_by_label("Tuesday").check()
    page.get_by_label("Until", exact=True).fill("2036-11-11")
    page.get_by_role("button", name="Schedule lesson").click()
    page.get_by_role("button", name="Schedule these lessons").wait_for()
    assert page.get_by_label("16:00").count() == 4
    if has_script:
        assert page_problems(page) == []
    page.get_by_label("28 Oct").uncheck()
    page.get_by_role("button", name="Schedule these lessons").click()
    wait_for_headline(page, "Algebra")
    assert page.get_by_text("Every Tuesday, 1 of 3").count() == 1
    starts = LiveSession.objects.order_by("start_time").values_list("start_time", flat=True)
    assert [f"{start:%d %H}" for start in starts] == ["21 20", "04 21", "11 21"]


def test_a_class_with_a_time_zone_is_planned_in_it(page, alice, algebra):
    page, has_script = page
    algebra.change_settings(Actor(alice), time_zone="Europe/Berlin")
    page.goto("/lessons/new")
    page.get_by_label("Starts").fill("2036-10-21T16:00")
    page.get_by_label("Class").select_option(algebra.pk)
    if has_script:
        told = "Times are in Europe/Berlin, the time zone of this class."
        assert page.locator("#create_startTime_helptext").text_content() == told
        assert page.locator("#preview").text_content() == "Tuesday, 21 October 2036, 16:00 to 17:00 (Europe/Berlin)"
        page.get_by_label("Class").select_option("No class")
        assert page.locator("#preview").text_content() == "Tuesday, 21 October 2036, 16:00 to 17:00 (America/New York)"
        page.get_by_label("Class").select_option(algebra.pk)
    page.get_by_label("Weekly").check()
    page.get_by_label("Until", exact=True).fill("2036-10-28")
    page.get_by_role("button", name="Schedule lesson").click()
    page.get_by_role("button", name="Schedule these lessons").wait_for()
    assert [page.get_by_label(date).count() for date in ("16:00 to 17:00 CEST", "16:00 to 17:00 CET")] == [1, 1]
    page.get_by_role("button", name="Schedule these lessons").click()
    wait_for_headline(page, "Algebra")
    page.get_by_text("Edit", exact=True).click()
    assert page.get_by_label("Starts").input_value() == "2036-10-21T16:00"
    page.get_by_label("Starts").fill("2036-10-21T17:00")
    page.get_by_role("radio", name="This and following").first.check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Changes saved.").wait_for()
    starts = LiveSession.objects.order_by("start_time").values_list("start_time", flat=True)
    assert [f"{start:%d %H:%M}" for start in starts] == ["21 15:00", "28 16:00"]
