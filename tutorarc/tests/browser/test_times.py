"""Times in words close to now, in the visitor's zone and in the language of the page."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[2] / "static" / "tutorarc" / "site.js"
TIME = '{% include "components/time.html" %}'
ZONE = '<p id="zone" hidden>Times are in your time zone: </p>'
NOW = datetime.fromisoformat("2026-11-30T15:35:00+01:00")  # a Monday


@pytest.fixture
def shown(chromium):
    """`shown(moment, …)` is the text and the tooltip of a time on a page at NOW in Berlin."""

    def open_page(moment, style="", end=None, after=None, before="", locale="en-GB"):
        context = Context({"time": moment, "style": style, "end": end, "after": after})
        time = Template(TIME).render(context)
        with chromium.new_context(timezone_id="Europe/Berlin", locale=locale) as browser:
            page = browser.new_page()
            page.clock.set_fixed_time(NOW)
            page.set_content(f'<html lang="en"><main id="main"><p>{before}{time}</p>{ZONE}</main></html>')
            page.add_script_tag(path=SCRIPT)
            assert page.locator("#zone").inner_text() == "Times are in your time zone: Europe/Berlin"
            return page.locator("time").inner_text().replace("\u202f", " "), page.locator("time").get_attribute("title")

    return open_page


def test_a_time_close_to_now_is_in_words(shown):
    start = datetime.fromisoformat("2026-11-30T16:00:00+01:00")
    day, hour = timedelta(days=1), timedelta(hours=1)
    assert shown(start, "near", end=start + hour) == (
        "Today, 16:00 to 17:00",
        "Monday, 30 November 2026, 16:00:00 CET",
    )
    assert shown(start + day, "near")[0] == "Tomorrow, 16:00"
    assert shown(start - day, before="Created ")[0] == "yesterday, 16:00"
    assert shown(start + 7 * hour, "near", end=start + 9 * hour)[0] == "Today, 23:00 to tomorrow, 01:00"


def test_other_days_are_dates(shown):
    later = datetime.fromisoformat("2026-12-04T16:00:00+01:00")
    next_year = datetime.fromisoformat("2027-03-01T16:00:00+01:00")
    assert shown(later, "near", end=later + timedelta(minutes=90))[0] == "Friday 4 December, 16:00 to 17:30"
    assert shown(later)[0] == "4 Dec, 16:00"
    assert shown(next_year)[0] == "1 Mar 2027, 16:00"
    assert shown(next_year, "near")[0] == "Monday, 1 March 2027, 16:00"
    assert shown(NOW, "day")[0] == "Monday, 30 November 2026, 15:35"
    assert shown(later, after=later - timedelta(hours=1))[0] == "16:00"
    assert shown(later, "only-day")[0] == "Friday 4 December"
    assert shown(NOW, "only-day")[0] == "Today"
    assert shown(later, "near", locale="de-DE")[0] == "Friday 4 December, 16:00"
    assert shown(later, "near", locale="en-US")[0] == "Friday, December 4, 4:00 PM"


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(), "Now"),
        (timedelta(minutes=25), "In 25 minutes"),
        (timedelta(minutes=-5), "5 minutes ago"),
        (timedelta(hours=26), "In 26 hours"),
        (timedelta(days=9), "In 9 days"),
        (timedelta(days=-100), "3 months ago"),
    ],
)
def test_a_distance_is_in_the_unit_that_fits(shown, away, words):
    assert shown(NOW + away, "distance")[0] == words


def test_each_day_has_one_heading_in_the_visitors_zone(chromium):
    """In UTC the second and the third lesson are on one day; in Berlin the first and the second are."""
    starts = [datetime.fromisoformat(f"2026-12-{text}+00:00") for text in ("03T23:30", "04T08:00", "04T23:30")]
    headings = "".join(
        f"<h3 data-once-a-day>{Template(TIME).render(Context({'time': start, 'style': 'only-day'}))}</h3>"
        for start in starts
    )
    with chromium.new_context(timezone_id="Europe/Berlin", locale="en-GB") as browser:
        page = browser.new_page()
        page.clock.set_fixed_time(NOW)
        page.set_content(f'<html lang="en"><main id="main">{headings}</main></html>')
        page.add_script_tag(path=SCRIPT)
        shown = [heading.inner_text() for heading in page.locator("h3:visible").all()]
        assert shown == ["Friday 4 December", "Saturday 5 December"]
