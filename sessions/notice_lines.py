"""Lines of mails about lessons. Lessons of a series share a line as far as they can."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time
from itertools import groupby
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.models import LiveSession
from tutorarc.mail.isolation import isolated
from tutorarc.mail.times import in_words

ONE_BY_ONE = 3  # moved lessons of a series with a line each
DAYS = (
    gettext_lazy("Mondays"),
    gettext_lazy("Tuesdays"),
    gettext_lazy("Wednesdays"),
    gettext_lazy("Thursdays"),
    gettext_lazy("Fridays"),
    gettext_lazy("Saturdays"),
    gettext_lazy("Sundays"),
)


class Period(NamedTuple):
    start: datetime
    end: datetime


class Hours(NamedTuple):
    """A period of the week, for the reader, whose clocks may change on other days than those of the series."""

    weekday: int
    start: time
    end: time


class Moved(NamedTuple):
    session: LiveSession
    before: Period


def line_of(session: LiveSession, last: LiveSession | None = None, number: int = 1) -> str:
    """Title, class and time of a lesson; of several of a series, from the first to the last."""
    message = f" – {isolated(' '.join(session.cancel_message.split()))}" if session.cancel_message else ""
    when = in_words(session.start_time, session.end_time)
    if last and number > 1:
        sentence = _("{number} lessons, the first {first}, the last {last}")
        when = sentence.format(number=number, first=when, last=in_words(last.start_time, last.end_time))
    return f"{_name_of(session)}: {when}{message}"


def lines_of(sessions: Iterable[LiveSession]) -> Iterator[str]:
    """For new or cancelled lessons: one for those of a series, until their time of day changes."""
    groups: dict[object, list[LiveSession]] = defaultdict(list)
    for session in sessions:
        of_series = (session.series_id, session.title, session.cancel_message)
        groups[of_series if session.series_id else session.pk].append(session)
    for group in groups.values():
        for _hours, part in groupby(group, lambda session: _hours_of(_now(session))[1:]):
            lessons = list(part)
            yield line_of(lessons[0], lessons[-1], len(lessons))


def lines_of_moved(lessons: Iterable[Moved]) -> Iterator[str]:
    """One for each lesson. Of many in a series, one for those that had the same hours and have the same hours now."""
    groups: dict[object, list[Moved]] = defaultdict(list)
    for moved in lessons:
        session = moved.session
        groups[(session.series_id, session.title) if session.series_id else session.pk].append(moved)
    for group in groups.values():
        parts = _same_hours(group) if len(group) > ONE_BY_ONE else [[moved] for moved in group]
        for part in parts:
            yield line_of(part[0].session) if len(part) == 1 else _moved_together(part)


def _same_hours(group: Sequence[Moved]) -> Iterator[list[Moved]]:
    """Parts for each pair of days of the week, and in these until the hours change."""
    by_days: dict[tuple[int, int], list[Moved]] = defaultdict(list)
    for moved in group:
        before, after = _change(moved)
        by_days[before.weekday, after.weekday].append(moved)
    return (list(part) for same_days in by_days.values() for _hours, part in groupby(same_days, _change))


def _moved_together(lessons: Sequence[Moved]) -> str:
    """Tuesdays, 16:00 to 17:00, are now Wednesdays, 17:00 to 18:00, from … to … (7 lessons); below it the days."""
    before, after = _change(lessons[0])
    starts = [timezone.localtime(moved.session.start_time) for moved in lessons]
    sentence = _("{before}, are now {after}, from {first} to {last} ({number} lessons, {zone})").format(
        before=_hours_in_words(before),
        after=_hours_in_words(after),
        first=date_format(starts[0], "j F Y"),
        last=date_format(starts[-1], "j F Y"),
        number=len(lessons),
        zone=timezone.get_current_timezone_name(),
    )
    return f"{_name_of(lessons[0].session)}: {sentence}\n  {_days_in_words(starts)}"


def _days_in_words(starts: Sequence[datetime]) -> str:
    """4, 11, 18, 25 November; 2, 9, 16 December. With the years if they differ."""
    form = "F" if starts[0].year == starts[-1].year else "F Y"
    months = [list(month) for _month, month in groupby(starts, lambda start: (start.year, start.month))]
    sentence = _("{days} {month}")
    return "; ".join(
        sentence.format(days=", ".join(str(start.day) for start in month), month=date_format(month[0], form))
        for month in months
    )


def _hours_in_words(hours: Hours) -> str:
    return _("{days}, {start} to {end}").format(
        days=DAYS[hours.weekday], start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}"
    )


def _change(moved: Moved) -> tuple[Hours, Hours]:
    """The hours before and now."""
    return _hours_of(moved.before), _hours_of(_now(moved.session))


def _now(session: LiveSession) -> Period:
    return Period(session.start_time, session.end_time)


def _hours_of(period: Period) -> Hours:
    start, end = timezone.localtime(period.start), timezone.localtime(period.end)
    return Hours(start.weekday(), start.time(), end.time())


def _name_of(session: LiveSession) -> str:
    klass = f" ({isolated(session.klass.title)})" if session.klass else ""
    return f"{isolated(session.title)}{klass}"
