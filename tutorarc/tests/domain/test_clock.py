"""Durations in words."""

from datetime import timedelta

import pytest

from tutorarc.domain.clock import duration_in_words

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (14 * DAY, "14 days"),
        (DAY, "1 day"),
        (36 * HOUR, "36 hours"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (MINUTE + SECOND, "2 minutes"),
        (MINUTE, "1 minute"),
        (0 * SECOND, "1 minute"),
    ],
)
def test_a_duration_is_rounded_up_and_said_in_the_largest_unit_that_fits(duration, words):
    assert duration_in_words(duration) == words
