"""The event types that an endpoint may ask for."""

from typing import Any

from django.core.exceptions import ValidationError

from tutorarc.models.event_types import PUBLIC_TYPES


def known_types(types: Any) -> None:
    """Raises ValidationError unless the value is a list of event types, each once."""
    if not isinstance(types, list) or len(set(map(str, types))) != len(types):
        raise ValidationError("Give each event type once.", code="event_types")
    if unknown := [name for name in types if name not in PUBLIC_TYPES]:
        raise ValidationError(f"Unknown event type: {unknown[0]}.", code="unknown_event_type")
