"""Audit records: actor, API key, time, and the row before and after. Every domain verb writes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.dispatch import Signal
from django.utils import timezone
from simple_history.models import HistoricalRecords

from tutorarc.db.among_lookup import among, typed
from tutorarc.db.ids import TypeIDField
from tutorarc.domain.folded_fields import folded_values

if TYPE_CHECKING:
    from tutorarc.models import User

Row = TypeVar("Row", bound=models.Model)


class Credential(Protocol):
    """An API key, as far as audit records know it."""

    @property
    def pk(self) -> str: ...


@dataclass(frozen=True)
class Actor:
    """The user who acts and the API key they use; None for a browser session or a command."""

    user: "User | None" = None
    key: Credential | None = None

    @property
    def person(self) -> "User":
        """The user, for verbs that a command can't call."""
        if self.user is None:
            raise TypeError("Only a user can do this.")
        return self.user


SYSTEM = Actor()
# Sent after audit records were written, in the same transaction, with `rows`, `by` and `verb`. The sender is the model.
audit_recorded = Signal(use_caching=True)
# Fields that audit records don't hold: secrets, what changes without a verb, and what is derived from other fields.
UNRECORDED = ("password", "session_version", "last_login", "digest", "last_used_at")
# Where access to an account or a key comes from: the records of the verbs that gave it say the same.
GIVEN_BY = ("password_set_by", "email_set_by", "password_link_by", "password_link_at", "made_by")
FOLDED = ("folded_name", "folded_title", "folded_description", "title_key")
# Columns of an audit record beside the copy of the row, in this order.
AUDIT_COLUMNS = (
    "history_credential",
    "from_status",
    "history_date",
    "history_change_reason",
    "history_type",
    "history_user",
)


class Recorded(models.Model):
    """Columns that audit records have beside the copy of the row and simple-history's user and date."""

    history_credential = TypeIDField("key", null=True, editable=False)
    from_status = models.CharField(max_length=9, blank=True, default="", editable=False)

    class Meta:
        abstract = True


class Records(HistoricalRecords):
    """Audit records with one index for each timeline they are read by, since every write updates each index."""

    def __init__(self, *, timelines: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self.timelines = {"id": "row", "history_user": "actor"} | {name: name for name in timelines}

    def copy_fields(self, model: Any) -> dict[str, Any]:
        fields: dict[str, Any] = super().copy_fields(model)
        return {name: _without_index(field) for name, field in fields.items()}

    def get_extra_fields(self, model: Any, fields: Any) -> dict[str, Any]:
        extra: dict[str, Any] = super().get_extra_fields(model, fields)
        for name in ("history_user", "history_date"):
            _without_index(extra[name])
        return extra

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        indexes = [
            models.Index(
                fields=[field, "history_date", "history_id"], name=f"{model._meta.model_name}_records_by_{name}"
            )
            for field, name in self.timelines.items()
        ]
        return {**super().get_meta_options(model), "indexes": indexes}

    def post_save(self, instance: Any, created: bool, using: str | None = None, **signal: Any) -> None:
        """Skip saves of fields that are not in the audit record, such as `last_login`."""
        saved = signal.get("update_fields")
        if saved is None or not set(saved) <= set(self.excluded_fields):
            super().post_save(instance, created, using=using, **signal)


def _without_index(field: Any) -> Any:
    field.db_index = False
    return field


def records(*timelines: str, **options: Any) -> Records:
    """The `history` manager of a model: one row for each change, never updated or deleted.

    Indexed by row, by actor and by each relation in `timelines`.
    """
    return Records(
        timelines=timelines,
        bases=[Recorded],
        history_id_field=models.BigAutoField(),
        user_db_constraint=False,
        excluded_fields=[*UNRECORDED, *GIVEN_BY, *FOLDED],
        **options,
    )


def record(rows: Iterable[models.Model], by: Actor, *, verb: str, from_status: str = "", created: bool = False) -> None:
    """Write one audit record for each row, in one statement that copies the rows as they are now."""
    changed = list(rows)
    if not changed:
        return
    model: Any = type(changed[0])
    database = connections[DEFAULT_DB_ALIAS]  # the connection itself: the proxy looks it up on each attribute access
    key = model._meta.pk
    condition, keys = among(key, [key.get_db_prep_value(row.pk, database) for row in changed], database)
    statement = _copying_where(model, condition)
    audit_values = _audit_values(model, by, verb, database, from_status, created=created)
    with database.cursor() as cursor:
        cursor.execute(statement, [*audit_values, *keys])
    audit_recorded.send(model, rows=changed, by=by, verb=verb)


def insert(row: Row, by: Actor, *, verb: str) -> Row:
    """Insert a row with its audit record, atomically. Unlike `save()`, the record has the actor's API key.

    On PostgreSQL both are one statement, which needs no transaction.
    """
    model: Any = type(row)
    database = connections[DEFAULT_DB_ALIAS]
    values = [field.get_db_prep_save(field.pre_save(row, True), database) for field in _written(model)]
    if database.vendor == "postgresql":
        audit_values = _audit_values(model, by, verb, database, created=True)
        _insert(row, _adding_with_record(model), [*values, *audit_values], database)
        audit_recorded.send(model, rows=[row], by=by, verb=verb)
    else:
        with transaction.atomic(savepoint=False):
            _insert(row, _adding(model), values, database)
            record([row], by, verb=verb, created=True)
    return row


def _insert(row: models.Model, statement: str, values: list[Any], database: Any) -> None:
    """Like `bulk_create([row])`, with a statement that is compiled once for each model."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        [(key,)] = cursor.fetchall()
    if row.pk is None:
        row.pk = key
    row._state.adding, row._state.db = False, database.alias


def _audit_values(
    model: Any, by: Actor, verb: str, database: Any, from_status: str = "", *, created: bool
) -> list[Any]:
    """The values of AUDIT_COLUMNS."""
    values = (
        by.key and by.key.pk,
        from_status,
        timezone.now(),
        verb,
        "+" if created else "~",
        by.user and by.user.pk,
    )
    return [field.get_db_prep_save(value, database) for field, value in zip(_about(model), values, strict=True)]


@cache
def _about(model: Any) -> list[Any]:
    return [model.history.model._meta.get_field(name) for name in AUDIT_COLUMNS]


@cache
def _copying(model: Any) -> str:
    """The INSERT that copies rows into audit records, up to its FROM."""
    copied = [_quoted(field.column) for field in model.history.model.tracked_fields]
    about = [_quoted(field.column) for field in _about(model)]
    values = [typed(field, connection) for field in _about(model)]
    table = _quoted(model.history.model._meta.db_table)
    return f"INSERT INTO {table} ({', '.join(copied + about)}) SELECT {', '.join(copied + values)}"


@lru_cache  # on SQLite the condition differs for each number of rows
def _copying_where(model: Any, condition: str) -> str:
    table, column = _quoted(model._meta.db_table), _quoted(model._meta.pk.column)
    return f"{_copying(model)} FROM {table} WHERE {column} {condition} ORDER BY {column}"


@cache
def _written(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]


@cache
def _adding(model: Any) -> str:
    """The INSERT of a row, returning its key."""
    return f"{_insertion(model)} RETURNING {_quoted(model._meta.pk.column)}"


@cache
def _adding_with_record(model: Any) -> str:
    """The INSERT of a row and of its audit record."""
    adding = f"WITH added AS ({_insertion(model)} RETURNING *)"
    return f"{adding} {_copying(model)} FROM added RETURNING {_quoted(model._meta.pk.column)}"


def _insertion(model: Any) -> str:
    names = [_quoted(field.column) for field in _written(model)]
    places = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({', '.join(names)}) VALUES ({places})"  # noqa: S608


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def change(row: Row, by: Actor, *, verb: str, from_status: str = "", **values: object) -> Row:
    """Update a locked row, with the folded text of what changes, and write its audit record."""
    values |= folded_values(type(row), values)
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
    record([row], by, verb=verb, from_status=from_status)
    return row
