"""Times on pages: the HTML of `components/time.html`, and its text for browsers without script."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

register = template.Library()
FORMAT = "j M Y, H:i"


@register.filter
def distance(moment: datetime) -> str:
    """How far a moment is from now, in its largest unit: "in 25 minutes" or "3 days ago"."""
    now = timezone.now()
    if moment > now:
        return _("in %(duration)s") % {"duration": timeuntil(moment, now, depth=1)}
    return _("%(duration)s ago") % {"duration": timesince(moment, now, depth=1)}


@register.filter
def in_zone(moment: datetime) -> str:
    """In the reader's time zone, which it names: "1 Dec 2026, 16:00 UTC"."""
    return date_format(timezone.localtime(moment), f"{FORMAT} e")


@register.filter
def to(start: datetime, end: datetime) -> str:
    """The time from start to end: "1 Dec 2026, 16:00 to 17:00 UTC"."""
    return _range(start, end, FORMAT)


@register.filter
def hours_to(start: datetime, end: datetime) -> str:
    """The same where the day is known: "16:00 to 17:00 UTC"."""
    return _range(start, end, "H:i")


def _range(start: datetime, end: datetime, first_format: str) -> str:
    start, end = timezone.localtime(start), timezone.localtime(end)
    last = date_format(end, "H:i e" if end.date() == start.date() else f"{FORMAT} e")
    return _("%(start)s to %(end)s") % {"start": date_format(start, first_format), "end": last}
