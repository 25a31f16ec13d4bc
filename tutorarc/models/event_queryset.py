"""Which events there are, in the order of the feed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL

from tutorarc.db.ids import first_id_after, first_id_from, to_uuid
from tutorarc.db.keyset import Window, branch_keys
from tutorarc.models.event_types import JOINING_TYPES, PUBLIC_TYPES
from tutorarc.models.user import User

if TYPE_CHECKING:
    from tutorarc.models import Event  # noqa: F401 (the type of the rows below)

PREFIX = "evt"
LAST_POSITION = 2**63 - 1
CREATORS = ("class_owner_id", "session_owner_id")
SAMPLE = 100  # events that tell where others may be
FIRST_MOMENT, LAST_MOMENT = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class EventQuerySet(models.QuerySet["Event"]):
    """Only numbered events may be shown: call `number_events` before reading."""

    def numbered(self) -> "EventQuerySet":
        """Events in the order of the feed. A later one never gets a lower position than one that was read."""
        return self.filter(position__isnull=False).order_by("position")

    def about(self, object_ids: Iterable[UUID]) -> "EventQuerySet":
        """Events about these rows."""
        return self.numbered().filter(object_id__in=list(object_ids))

    def blank(self, values: Mapping[str, Any]) -> None:
        """Of these events, write `values` into `data`, and forget the old and new ones of these fields.

        For deleted accounts (docs/decisions/deleted-accounts.md): nothing else changes what an event tells.
        """
        events = list(self)
        for event in events:
            event.data |= {name: value for name, value in values.items() if name in event.data}
            event.changes = {name: change for name, change in event.changes.items() if name not in values}
        self.model.objects.bulk_update(events, ["data", "changes"], batch_size=100)

    def public(self) -> "EventQuerySet":
        return self.numbered().filter(type__in=PUBLIC_TYPES)

    def visible_to(self, user: User, window: Window | None = None) -> "EventQuerySet":
        """Public events of classes and sessions that a teacher created; all for ADMIN. See `of_creator`."""
        return self.public().of_creator(user, window)

    def of_creator(self, user: User, window: Window | None = None) -> "EventQuerySet":
        """For TEACHER events of classes and sessions that they created; for ADMIN all; for STUDENT none.

        A creator who became a STUDENT no longer gets what they created, as in `GET /classes`.
        With a window over positions, each branch of the union stops after one page (see ClassQuerySet.visible_to).
        """
        if user.is_admin:
            return self.numbered()
        if not user.is_teacher:
            return self.none()
        of_classes, of_sessions = (_branch(self.numbered(), column, user.pk, window) for column in CREATORS)
        return self.model.objects.numbered().filter(pk__in=of_classes.union(of_sessions))

    def page_of(self, column: str, key: str, window: Window) -> "EventQuerySet":
        """The window on the events with this value in a column, read from the column's index.

        Both in condition and order, or PostgreSQL would take the index of positions for a frequent value, and read past
        all events of others: at the end of a feed that is quiet now, all that came since.
        """
        if connection.vendor != "postgresql":
            return window.cut(self.filter(**{column: key}))  # type: ignore[return-value]
        field: Any = self.model._meta.get_field(column)
        value = field.get_db_prep_value(key, connection)
        further, back, start = ("<", ">", LAST_POSITION) if window.descending else (">", "<", 0)
        [position] = window.position or (start,)
        further += "=" if window.inclusive else ""
        kind = "uuid" if isinstance(field, models.UUIDField) else "varchar"
        bounds = f"({column}, position) {further} (%s::{kind}, %s::bigint) AND {column} {back}= %s::{kind}"
        sign = "-" if window.descending else ""
        found = self.filter(RawSQL(bounds, [value, position, value], models.BooleanField()))  # noqa: S611
        return found.order_by(f"{sign}{column}", f"{sign}position")[: window.size]

    def of_class(self, class_id: str) -> "EventQuerySet":
        return self.public().filter(class_id=class_id)

    def of_session(self, session_id: str) -> "EventQuerySet":
        """Public events of a live session. They are all about that session, so the index by object serves them."""
        return self.public().filter(object_id=to_uuid("session", session_id))

    def first_of_memberships(self) -> "EventQuerySet":
        """The first event of each membership. The types stand in the SQL, or no prepared statement uses the index."""
        types = ", ".join(f"'{name}'" for name in JOINING_TYPES)
        joining = RawSQL(f"{self.model._meta.db_table}.type IN ({types})", [], models.BooleanField())  # noqa: S611
        return self.numbered().filter(joining, from_status="")

    # Ids follow the time of writing, positions the commits. The positions of some events that were written well before
    # or after a moment bound those of all that were written after or until it, so an index finds where to begin and to
    # end. Several of them, because a record of a former version is copied late, and a clock may be wrong.

    def created_after(self, moment: datetime) -> "EventQuerySet":
        """No transaction lasts an hour. But the record of a former version may get its position days later."""
        an_hour_before = max(moment, FIRST_MOMENT) - timedelta(hours=1)
        known = self.model.objects.numbered().filter(pk__lt=first_id_from(PREFIX, an_hour_before)).order_by("-pk")
        start = min(_positions_of_some(known, with_copied=False), default=0)
        return self.filter(pk__gte=first_id_after(PREFIX, moment), position__gt=start)

    def created_until(self, moment: datetime) -> "EventQuerySet":
        """Exactly those until then. The search ends at the positions of two weeks later.

        Records of former versions are copied for some days after an update, under positions of that time. An earlier
        end would lose some of them.
        """
        weeks_after = min(moment, LAST_MOMENT) + timedelta(weeks=2)
        known = self.model.objects.numbered().filter(pk__gte=first_id_after(PREFIX, weeks_after)).order_by("pk")
        end = max(_positions_of_some(known), default=LAST_POSITION)
        return self.filter(created_at__lte=moment, position__lt=end)


def _branch(events: EventQuerySet, column: str, key: str, window: Window | None) -> Any:
    """Keys of a branch of a union, as a queryset."""
    if window and connection.vendor == "postgresql":
        return events.page_of(column, key, window).values("pk")
    return branch_keys(events.model, events.filter(**{column: key}), "pk", window)


def _positions_of_some(events: EventQuerySet, *, with_copied: bool = True) -> list[int]:
    """The positions of some of the first of these events; none if they are too few."""
    first = events.values_list("pk", "position")[: SAMPLE if with_copied else 2 * SAMPLE]
    positions = [position or 0 for pk, position in first if with_copied or not _is_copied(pk)][:SAMPLE]
    return positions if len(positions) == SAMPLE else []


def _is_copied(event_id: str) -> bool:
    """Whether the id follows from the record of a former version: it ends in two small numbers, others at random.

    See `tutorarc/ops/former_records.py`.
    """
    table, *number = to_uuid(PREFIX, event_id).bytes[8:]
    return table & 0x3F < 8 and not any(number[:2])
