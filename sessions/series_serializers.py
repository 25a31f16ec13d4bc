"""Answers about series."""

from typing import Any

from rest_framework import serializers

from sessions.models import Series
from sessions.serializers import CLASS_ID, LiveSessionSerializer

SERIES_ID = "The id of the series."


class NewSeriesSerializer(serializers.Serializer[Any]):
    """A new series, with its sessions."""

    seriesId = serializers.CharField(read_only=True, help_text=SERIES_ID)
    sessions = LiveSessionSerializer(many=True, read_only=True, help_text="Its sessions, in the order of their starts.")


class SeriesSerializer(serializers.Serializer[Series]):
    """What a series was made with. Later changes are those of its sessions."""

    seriesId = serializers.CharField(source="pk", read_only=True, help_text=SERIES_ID)
    title = serializers.CharField(read_only=True, help_text="The title that its sessions got.")
    startTime = serializers.DateTimeField(
        source="start_time", read_only=True, help_text="Of its first session, in UTC."
    )
    duration = serializers.IntegerField(read_only=True, help_text="Length of its sessions in minutes.")
    recurrence = serializers.CharField(source="rule", read_only=True, help_text="Its recurrence rule, of RFC 5545.")
    timeZone = serializers.CharField(
        source="time_zone", read_only=True, help_text="The time zone in whose local time it repeats."
    )
    classId = serializers.CharField(source="klass_id", read_only=True, allow_null=True, help_text=CLASS_ID)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True, help_text="When it was created, in UTC.")


class SeriesWithSessionsSerializer(SeriesSerializer):
    """A series, with its sessions as they are now."""

    sessions = LiveSessionSerializer(
        source="shown_sessions", many=True, read_only=True, help_text="Its sessions, in the order of their starts."
    )
