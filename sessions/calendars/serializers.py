from rest_framework import serializers

from sessions.calendars.addresses import Addresses


class CalendarSerializer(serializers.Serializer[Addresses]):
    """The addresses of a calendar feed. Whoever knows one can read the feed."""

    class_id = serializers.CharField(
        read_only=True, allow_null=True, help_text="The class whose lessons it has; null for all of yours."
    )
    url = serializers.URLField(read_only=True, help_text="The feed, for calendars that take an address.")
    webcal_url = serializers.CharField(read_only=True, help_text="The same; opens the calendar of a phone or computer.")


class RenewedCalendarSerializer(CalendarSerializer):
    """The new addresses of a calendar feed, shown once: a replayed answer has null in their place."""

    url = serializers.URLField(
        read_only=True, allow_null=True, help_text="The feed, for calendars that take an address; null in a replay."
    )
    webcal_url = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="The same; opens the calendar of a phone or computer; null in a replay.",
    )
