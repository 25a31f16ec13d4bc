"""Events: every change that a verb made, in one table that the history pages, the feed and the webhooks read."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from tutorarc.db.ids import TypeIDField, first_id_after, first_id_from, to_uuid
from tutorarc.db.keyset import Window, branch_keys
from tutorarc.db.locks import lock_name
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.models.user import User

PREFIX = "evt"
NUMBERED_TOGETHER = 10_000
ROUNDS = 5  # of numbering, so that no reader waits for a long backlog
LAST_POSITION = 2**63 - 1
CREATORS = ("class_owner_id", "session_owner_id")
SAMPLE = 100  # events that tell where others may be
FIRST_MOMENT, LAST_MOMENT = datetime(1970, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
# The types that the feed and webhooks show. History pages show all others too, such as `api_key.created`.
PUBLIC_TYPES = (
    *("class.created", "class.updated", "class.archived", "class.unarchived", "class.code_renewed"),
    "class.settings_changed",
    *("membership.requested", "membership.withdrawn", "membership.enrolled", "membership.invited_accepted"),
    *("membership.approved", "membership.rejected", "membership.removed", "membership.left", "membership.reopened"),
    "membership.role_changed",
    *("session.scheduled", "session.rescheduled", "session.cancelled", "session.started", "session.ended"),
    "session.attendance_changed",
    *("invitation.sent", "invitation.accepted", "invitation.declined", "invitation.revoked"),
    *("user.created", "user.updated", "user.deactivated", "user.reactivated"),
)

JOINING_TYPES = ("membership.requested", "membership.enrolled", "membership.invited_accepted")  # of new memberships


class EventQuerySet(models.QuerySet["Event"]):
    """Only numbered events may be shown: call `number_events` before reading."""

    def numbered(self) -> "EventQuerySet":
        """Events in the order of the feed. A later one never gets a lower position than one that was read."""
        return self.filter(position__isnull=False).order_by("position")

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
        return Event.objects.numbered().filter(pk__in=of_classes.union(of_sessions))

    def page_of(self, column: str, key: str, window: Window) -> "EventQuerySet":
        """The window on the events with this value in a column, read from the column's index.

        Both in condition and order, or PostgreSQL would take the index of positions for a frequent value, and read past
        all events of others: at the end of a feed that is quiet now, all that came since.
        """
        if connection.vendor != "postgresql":
            return window.cut(self.filter(**{column: key}))  # type: ignore[return-value]
        field: Any = Event._meta.get_field(column)
        value = field.get_db_prep_value(key, connection)
        further, back, start = ("<", ">", LAST_POSITION) if window.descending else (">", "<", 0)
        [position] = window.position or (start,)
        further += "=" if window.inclusive else ""
        bounds = f"({column}, position) {further} (%s::uuid, %s::bigint) AND {column} {back}= %s::uuid"
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
        joining = RawSQL(f"{Event._meta.db_table}.type IN ({types})", [], models.BooleanField())  # noqa: S611
        return self.numbered().filter(joining, from_status="")

    # Ids follow the time of writing, positions the commits. The positions of some events that were written well before
    # or after a moment bound those of all that were written after or until it, so an index finds where to begin and to
    # end. Several of them, because a record of a former version is copied late, and a clock may be wrong.

    def created_after(self, moment: datetime) -> "EventQuerySet":
        """No transaction lasts an hour. But the record of a former version may get its position days later."""
        an_hour_before = max(moment, FIRST_MOMENT) - timedelta(hours=1)
        known = Event.objects.numbered().filter(pk__lt=first_id_from(PREFIX, an_hour_before)).order_by("-pk")
        start = min(_positions_of_some(known, with_copied=False), default=0)
        return self.filter(pk__gte=first_id_after(PREFIX, moment), position__gt=start)

    def created_until(self, moment: datetime) -> "EventQuerySet":
        """Records of former versions are copied for some days after an update."""
        weeks_after = min(moment, LAST_MOMENT) + timedelta(weeks=2)
        known = Event.objects.numbered().filter(pk__gte=first_id_after(PREFIX, weeks_after)).order_by("pk")
        end = max(_positions_of_some(known), default=LAST_POSITION)
        return self.filter(created_at__lte=moment, position__lt=end)


def _branch(events: EventQuerySet, column: str, key: str, window: Window | None) -> Any:
    """Keys of a branch of a union, as a queryset."""
    if window and connection.vendor == "postgresql":
        return events.page_of(column, key, window).values("pk")
    return branch_keys(Event, events.filter(**{column: key}), "pk", window)


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


def _by(*fields: str) -> models.Index:
    """An index of numbered events alone, so that the verb that writes an event doesn't touch it."""
    names = {"class_id": "class", "user_id": "user", "object_id": "object", "actor_user_id": "actor"}
    name = "_and_".join(names.get(field, field.removesuffix("_id")) for field in fields)
    condition = Q(position__isnull=False)
    return models.Index(fields=[*fields, "position"], condition=condition, name=f"events_by_{name}")


class Event(ChangedByVerbs):
    """One change of one row, written in the transaction of the verb. Only its position is set later, once.

    `type` is the kind of the row and what happened: `membership.approved`. The ids have no constraints, so that an
    insert locks no row.
    """

    id = TypeIDField(PREFIX, primary_key=True)
    type = models.CharField(max_length=40, editable=False)
    created_at = models.DateTimeField(editable=False)
    # The primary key of the row: of a membership, whose key is a number, the UUID with that number.
    object_id = models.UUIDField(editable=False)
    class_id = TypeIDField("cls", null=True, editable=False)
    session_id = TypeIDField("session", null=True, editable=False)
    user_id = TypeIDField("usr", null=True, editable=False)  # the person whom the change is about
    actor_user_id = TypeIDField("usr", null=True, editable=False)  # null: a command or the system
    actor_key_id = TypeIDField("key", null=True, editable=False)
    from_status = models.CharField(max_length=20, blank=True, default="", editable=False)
    changes = models.JSONField(default=dict, editable=False)  # {field: [old, new]}; old is null for a new row
    data = models.JSONField(default=dict, editable=False)  # the row after the change, as the API shows it
    detail = models.TextField(blank=True, default="", editable=False)  # text for the history pages
    # Given after the commit, by `number_events`.
    position = models.BigIntegerField(null=True, editable=False)
    class_owner_id = TypeIDField("usr", null=True, editable=False)  # the creator of the class
    session_owner_id = TypeIDField("usr", null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["position"], condition=Q(position__isnull=False), name="one_event_per_position"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(position__isnull=True), name="events_without_position"),
            _by("class_id"),
            models.Index(
                fields=["class_id", "position"],
                condition=Q(position__isnull=False, type__in=JOINING_TYPES),
                name="events_of_new_members",
            ),
            _by("class_id", "user_id"),
            _by("object_id"),
            _by("user_id"),
            _by("actor_user_id"),
            _by("class_owner_id"),
            _by("session_owner_id"),
        ]

    def __str__(self) -> str:
        return f"{self.type}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def kind(self) -> str:
        """The kind of the row, such as `membership`."""
        return self.type.partition(".")[0]

    @property
    def happened(self) -> str:
        """What happened to it, such as `approved`."""
        return self.type.partition(".")[2]


def number_events(rounds: int = ROUNDS) -> int:
    """Give each committed event its position, in the order of their ids. Returns how many got one.

    Afterwards every event has one that was committed before the call. Only if more than `rounds` times
    NUMBERED_TOGETHER had none, the latest of them are left to the next call, such as the worker's next turn: readers
    see them later, and miss none. What is committed meanwhile is never waited for.

    One transaction at a time does so. An event that is committed later gets a higher position than those before, and
    positions appear in their order, so a reader that goes on from the last one misses none. Readers call this before
    they read: without new events it costs one small statement.
    """
    numbered = 0
    for _ in range(rounds if Event.objects.filter(position__isnull=True).exists() else 0):
        numbered += (some := _number_some())
        if some < NUMBERED_TOGETHER:
            break
    return numbered


@transaction.atomic
def _number_some() -> int:
    lock_name("positions of events")  # in a statement of its own, so that the next sees what was committed meanwhile
    new = list(_without_position()[:NUMBERED_TOGETHER])
    rows = [(before + place, *owners, pk) for place, (pk, *owners, before) in enumerate(new, 1)]
    _write_positions(rows)
    return len(rows)


def _without_position() -> "models.QuerySet[Event, tuple[Any, ...]]":
    """Their ids, the creators of their classes and sessions, and the last position that was given."""
    last = Event.objects.numbered().reverse().values("position")[:1]
    return (
        Event.objects.filter(position__isnull=True)
        .order_by("pk")
        .values_list(
            "pk",
            _creator_of("classes.Class", "class_id"),
            _creator_of("live_sessions.LiveSession", "session_id"),
            Coalesce(Subquery(last), 0),
        )
    )


def _creator_of(label: str, field: str) -> Subquery:
    rows = apps.get_model(label)._base_manager.filter(pk=OuterRef(field))
    return Subquery(rows.values("created_by"), output_field=TypeIDField("usr"))


def _write_positions(rows: list[tuple[Any, ...]]) -> None:
    """A small statement for each, sent together.

    One statement with a join would do, but PostgreSQL plans it badly while its statistics say that the table is empty,
    as they do after a burst: then 10,000 events took a quarter of an hour.
    """
    names = ("position", "class_owner_id", "session_owner_id", "id")
    fields: list[Any] = [Event._meta.get_field(name) for name in names]
    values = [
        [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)] for row in rows
    ]
    settings = ", ".join(f"{name} = %s" for name in names[:-1])
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Event._meta.db_table} SET {settings} WHERE id = %s", values)  # noqa: S608
