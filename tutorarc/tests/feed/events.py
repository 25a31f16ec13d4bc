"""Events as verbs write them, for tests of those who read them."""

import uuid
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from tutorarc.db.ids import first_id_from, to_text, to_uuid
from tutorarc.jobs.models import EventConsumer
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.models.event_queryset import PREFIX


def write_event(
    event_type: str = "class.updated", klass: Any = None, session: Any = None, at: datetime | None = None, **fields: Any
) -> Event:
    """An event of a class or a session, now or at a moment."""
    subject = fields.pop("object_id", None) or uuid.uuid4()
    if session is not None:
        fields |= {"session_id": session.pk, "class_id": session.klass_id}
        subject = to_uuid("session", session.pk)
    if klass is not None:
        fields["class_id"] = klass.pk
    if at is not None:
        fields["id"] = _id_at(at)
    event = Event(type=event_type, object_id=subject, created_at=at or timezone.now(), **fields)
    Event.objects.bulk_create([event])
    return event


def date_newest(count: int, at: datetime) -> None:
    """Give so many events that were just written the time `at`: in tests, ids have the real time."""
    number_events()
    for event in Event.objects.order_by("-position")[:count]:
        Event.objects.filter(pk=event.pk).update(id=_id_at(at), created_at=at)


def _id_at(moment: datetime) -> str:
    first = to_uuid(PREFIX, first_id_from(PREFIX, moment))
    return to_text(PREFIX, uuid.UUID(bytes=first.bytes[:6] + uuid.uuid4().bytes[6:]))


def forget_events() -> None:
    """Delete the events of what a test has made so far."""
    connection.cursor().execute(f"DELETE FROM {Event._meta.db_table}")  # noqa: S608
    EventConsumer.objects.update(position=0)  # since positions begin again
