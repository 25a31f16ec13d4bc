"""Fields of calls about series: recurrence rules and time zones."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from classes.models import Class
from classes.permissions import can_manage_class
from sessions.models import LiveSession, Scope, Series
from sessions.recurrence.occurrences import SkippedTimes, starts_of
from sessions.recurrence.rules import MAX_LENGTH, MAX_SESSIONS, InvalidRule, parse
from tutorarc.api.fields import StrictCharField, StrictChoiceField
from tutorarc.models import User

RECURRENCE = (
    "Makes it a series: a recurrence rule of RFC 5545 with FREQ (DAILY, WEEKLY or MONTHLY), INTERVAL, BYDAY, and COUNT "
    f"or UNTIL, such as `FREQ=WEEKLY;BYDAY=TU;COUNT=12`. It gives at most {MAX_SESSIONS} sessions, from `startTime` on."
)
TIME_ZONE = (
    "The IANA name of the time zone in whose local time the series repeats, such as `Europe/Berlin`. By default "
    "that of the class, or else yours."
)
SCOPE = (
    "For which sessions of its series: `this` one, this and the `following`, or `all`. Sessions that have begun and "
    "those that were moved by hand stay as they are."
)


class RecurrenceField(StrictCharField):
    """A recurrence rule, in the one form in which it is stored."""

    pattern = r"^\s*[A-Za-z]+=[A-Za-z0-9,+-]+(;[A-Za-z]+=[A-Za-z0-9,+-]+)*\s*$"

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_LENGTH, help_text=RECURRENCE, **options)

    def to_internal_value(self, data: Any) -> str:
        try:
            return str(parse(super().to_internal_value(data)))
        except InvalidRule as error:
            raise serializers.ValidationError(error.message, code=error.code) from None


class ScopeField(StrictChoiceField):
    """Which sessions of a series a change is for."""

    def __init__(self) -> None:
        super().__init__(choices=Scope.values, required=False, default=Scope.THIS.value, help_text=SCOPE)


def with_starts(fields: dict[str, Any], user: User) -> dict[str, Any]:
    """The validated fields of a new series, with its `time_zone`, and the `starts` of its sessions.

    Raises ValidationError, Series.SkippedTime, and LiveSession.TooLate.
    """
    if fields.get("external_id"):
        raise _invalid("externalId", "A series has no external id: leave it out.", "not_for_series")
    zone = fields.get("time_zone") or _zone_of_class(fields.get("class_id", ""), user) or user.time_zone
    if not zone:
        raise _invalid("timeZone", "Give the time zone of the series, such as Europe/Berlin.", "required")
    starts = _starts(fields["rule"], fields["start_time"], zone)
    LiveSession.end_of(starts[-1], fields["duration"])
    kept = {name: value for name, value in fields.items() if name not in ("external_id", "start_time")}
    return {**kept, "time_zone": zone, "starts": starts}


def _zone_of_class(class_id: str, user: User) -> str:
    """The time zone of a class whose lessons the user may schedule; empty without one."""
    klass = Class.objects.with_role_of(user).filter(pk=class_id).first() if class_id else None
    return klass.time_zone or "" if klass and can_manage_class(user, klass) else ""


def _starts(rule: str, first: datetime, zone: str) -> list[datetime]:
    try:
        return starts_of(parse(rule), first, ZoneInfo(zone))
    except InvalidRule as error:
        raise _invalid("recurrence", error.message, error.code) from None
    except SkippedTimes as skipped:
        raise Series.SkippedTime.at(skipped.times, zone) from None


def refuse_zone(fields: dict[str, Any]) -> None:
    """Raises ValidationError for a time zone without a recurrence."""
    if "time_zone" in fields:
        raise _invalid("timeZone", "Give it only together with a recurrence.", "without_recurrence")


def _invalid(field: str, message: str, code: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [ErrorDetail(message, code=code)]})
