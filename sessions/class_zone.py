"""Time zones of classes in forms: the times of a class with a zone are typed in that zone, and the form says so."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from classes.models import Class
from sessions.recurrence.occurrences import SkippedTimes, in_utc
from tutorarc.domain.clock import datetime_text
from tutorarc.domain.time_zones import label, shown_zone


def zone_of(klass: Class | None) -> ZoneInfo | None:
    """The time zone of the class; None without one, and for one that this server doesn't know."""
    return shown_zone(klass.time_zone or "" if klass else "")


def in_words(zone: ZoneInfo) -> str:
    """What a form says about its times."""
    return _("Times are in %(zone)s, the time zone of this class.") % {"zone": name_of(zone)}


def name_of(zone: ZoneInfo) -> str:
    return label(zone.key)


def moment_of(text: str, zone: ZoneInfo | None) -> datetime:
    """The moment of a text with an offset, or of local time in the zone, or else in UTC.

    Of a local time that comes twice it is the first. Raises ValueError, SkippedTimes, and OverflowError for a time on
    the first or the last day that there are.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo:
        return moment
    return in_utc([moment], zone)[0] if zone else moment.replace(tzinfo=UTC)


def start_in_utc(sent: QueryDict, zone: ZoneInfo | None) -> QueryDict:
    """The fields of a form with its start in UTC, where it came as local time. Raises ValidationError."""
    body = sent.copy()
    if zone is None:
        return body
    try:
        body["startTime"] = datetime_text(moment_of(str(sent.get("startTime", "")), zone))
    except SkippedTimes:
        message = _("Clocks go forward then and skip this time (%(zone)s). Pick another one.") % {"zone": name_of(zone)}
        raise ValidationError({"startTime": [ErrorDetail(message, code="skipped_local_time")]}) from None
    except OverflowError:
        body["startTime"] = ""
    except ValueError:
        pass  # the call refuses it
    return body
