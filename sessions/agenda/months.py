"""Months to page through, in weeks that begin as the reader's locale has it."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.formats import get_format
from django.utils.translation import check_for_language

YEARS = range(1900, 9999)  # outside of these, weeks have days that there are not
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, order=True)
class Month:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def named(cls, text: str) -> "Month":
        """The month of a text such as 2026-12. Raises ValueError, also outside of `YEARS`."""
        found = _MONTH.fullmatch(text)
        if not found or int(found[1]) not in YEARS:
            raise ValueError(text)
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def previous(self) -> "Month | None":
        return self._moved(-1)

    @property
    def next(self) -> "Month | None":
        return self._moved(1)

    def _moved(self, by: int) -> "Month | None":
        year, number = divmod(self.year * 12 + self.number - 1 + by, 12)
        return Month(year, number + 1) if year in YEARS else None

    def days(self, first_weekday: int) -> Iterator[date]:
        """The days of the weeks of this month; the first and the last week have days of the months around it."""
        return calendar.Calendar(first_weekday).itermonthdates(self.year, self.number)


def first_weekday(request: HttpRequest) -> int:
    """The first day of the week where the browser's preferred language is spoken: 0 for Monday, 6 for Sunday.

    By its region, as in en-AU, or without one by the language.
    """
    tag = re.split("[,;]", request.headers.get("Accept-Language", ""))[0].strip().lower()
    if region := _REGION.search(tag):
        return next(
            (day for day, regions in _OTHER_THAN_MONDAY.items() if region[1].upper() in regions), calendar.MONDAY
        )
    known = [name for name in (tag, tag.partition("-")[0]) if check_for_language(name)]
    return (int(get_format("FIRST_DAY_OF_WEEK", known[0] if known else None)) - 1) % 7


_REGION = re.compile(r"-([a-z]{2})(?=-|$)", re.ASCII)
# By the first day of the week, regions with another one than Monday (Unicode CLDR 47, weekData).
_OTHER_THAN_MONDAY = {
    calendar.FRIDAY: "MV",
    calendar.SATURDAY: "AF BH DJ DZ EG IQ IR JO KW LY OM QA SD SY",
    calendar.SUNDAY: "AG AS BD BR BS BT BW BZ CA CO DM DO ET GT GU HK HN ID IL IN IS JM JP KE KH KR LA MH MM MO MT MX "
    "MZ NI NP PA PE PH PK PR PT PY SA SG SV TH TT TW UM US VE VI WS YE ZA ZW",
}
