"""When a delivery that failed is tried again."""

from datetime import timedelta
from random import uniform

RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
JITTER = 0.1  # of the time: what failed together is not all tried again at once
MAX_RETRY_AFTER = timedelta(days=1)
EARLY_RETRY = timedelta(minutes=5)  # how soon a waiting retry may be brought forward
FAILING_LIMIT = timedelta(days=5)  # an endpoint that fails for this long is disabled


def wait_before_retry(number: int, retry_after: timedelta | None = None) -> timedelta:
    """The time until retry `number` (0 is the first), and at least what the receiver asked for by Retry-After."""
    wait = RETRIES[number] * uniform(1, 1 + JITTER)  # noqa: S311
    return max(wait, min(retry_after or timedelta(), MAX_RETRY_AFTER))
