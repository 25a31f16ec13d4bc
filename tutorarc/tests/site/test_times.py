"""Times without script: in UTC, which is named."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

START = datetime(2026, 3, 20, 23, tzinfo=UTC)


def shown(**context):
    return Template('{% include "components/time.html" %}').render(Context(context))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (None, "20 Mar 2026, 23:00 UTC"),
        (START + timedelta(minutes=45), "20 Mar 2026, 23:00 to 23:45 UTC"),
        (START + timedelta(hours=2), "20 Mar 2026, 23:00 to 21 Mar 2026, 01:00 UTC"),
    ],
)
def test_a_time_names_its_zone(end, words):
    assert f">{words}</time>" in shown(time=START, end=end, style="near")


def test_below_a_heading_with_the_day_only_hours_are_shown():
    assert ">Friday 20 March</time>" in shown(time=START, style="only-day")
    assert ">23:00 to 23:45 UTC</time>" in shown(time=START, end=START + timedelta(minutes=45), after=START)


def test_the_script_gets_the_moments():
    assert shown(time=START, style="day") == (
        '<time datetime="2026-03-20T23:00:00Z" data-local="day">20 Mar 2026, 23:00 UTC</time>'
    )
    times = shown(time=START, end=START + timedelta(minutes=45), after=START)
    assert times.startswith(
        '<time datetime="2026-03-20T23:00:00Z" data-local="" data-end="2026-03-20T23:45:00Z"'
        ' data-range="%(start)s to %(end)s" data-after="2026-03-20T23:00:00Z">'
    )


def test_a_distance_is_in_words(time_machine):
    time_machine.move_to(START, tick=False)
    assert ">in 25\xa0minutes</time>" in shown(time=START + timedelta(minutes=25), style="distance")
    assert ">2\xa0days ago</time>" in shown(time=START - timedelta(days=2), style="distance")
