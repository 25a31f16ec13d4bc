"""Events: every change that a verb made, in one table that the history pages, the feed and the webhooks read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from tutorarc.db.ids import TypeIDField
from tutorarc.db.locks import lock_name
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.models.event_queryset import PREFIX, EventQuerySet
from tutorarc.models.event_types import JOINING_TYPES

NUMBERED_TOGETHER = 10_000
ROUNDS = 5  # of numbering, so that no reader waits for a long backlog


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
    # Given after the commit, by `number_events`; on SQLite at once, by `event_rows.write`.
    position = models.BigIntegerField(null=True, editable=False)
    class_owner_id = TypeIDField("usr", null=True, editable=False)  # the creator of the class
    session_owner_id = TypeIDField("usr", null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        permissions = [("view_event", "Can see all events")]
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
            _by("type"),
            models.Index(
                fields=["actor_key_id", "position"],
                condition=Q(position__isnull=False, actor_key_id__isnull=False),
                name="events_by_key",
            ),
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


def changed_since(moment: datetime, object_ids: Sequence[UUID]) -> bool:
    """Whether something happened to one of these rows after the moment. Call it while they are locked."""
    later = Event.objects.filter(object_id__in=object_ids, created_at__gt=moment)
    # One by one, because the indexes are of events with, and of events without a position.
    return any(later.filter(position__isnull=is_new).exists() for is_new in (True, False))


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
