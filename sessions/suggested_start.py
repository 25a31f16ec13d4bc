"""When a new lesson probably starts: what the form to schedule one is filled in with.

Times of day are those of the current time zone, on pages the visitor's, so that a lesson keeps its hour where clocks
change.
"""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

DAY, WEEK, HOUR = timedelta(days=1), timedelta(weeks=1), timedelta(hours=1)


def weeks_later(start: datetime, now: datetime) -> datetime:
    """The next time in the future, in UTC, on the same weekday at the same hour and minute as another start.

    A start so close to the last day that there is that it can't be moved stays.
    """
    weeks = max(1, (now - start) // WEEK)
    try:
        local = timezone.localtime(start).replace(tzinfo=None, second=0, microsecond=0)
        coming = (_in_utc(local + (weeks + more) * WEEK) for more in range(3))  # 3, as weeks differ in length
        return next(moment for moment in coming if moment > now)
    except OverflowError:
        return start


def full_hour_tomorrow(now: datetime) -> datetime:
    """In UTC: at 14:20 it is 15:00 tomorrow."""
    local = timezone.localtime(now).replace(tzinfo=None, minute=0, second=0, microsecond=0)
    return _in_utc(local + DAY + HOUR)


def _in_utc(local: datetime) -> datetime:
    """A time of day that clocks skip is the one an hour later, and of one that comes twice the first is meant."""
    return local.replace(tzinfo=timezone.get_current_timezone()).astimezone(UTC)
