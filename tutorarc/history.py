"""Who did it, with which credential, when, from what to what: the record that every domain verb leaves."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

from django.db import connection, models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from tutorarc.ids import TypeIDField
from tutorarc.lookups import among, typed


class Credential(Protocol):
    pk: Any


class Actor(NamedTuple):
    """The person who acts, and the API key they act with (None: signed in, or a command)."""

    user: Any = None
    key: Credential | None = None


SYSTEM = Actor()


class Recorded(models.Model):
    """What a record says beside the row itself (the state after the change) and simple-history's user and date."""

    history_credential = TypeIDField("key", null=True, editable=False)
    from_status = models.CharField(max_length=9, blank=True, default="", editable=False)

    class Meta:
        abstract = True


class Records(HistoricalRecords):
    """Records have an index for each timeline they appear in and no others: every write pays for each."""

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
        """A save of fields that no record holds, as `last_login` at each sign-in, is no change to record."""
        saved = signal.get("update_fields")
        if saved is None or not set(saved) <= set(self.excluded_fields):
            super().post_save(instance, created, using=using, **signal)


def _without_index(field: Any) -> Any:
    field.db_index = False
    return field


def records(*timelines: str) -> Records:
    """The `history` of a model: one row for each change, never changed or removed.

    It is read by row and by who acted, and by each relation in `timelines`.
    """
    return Records(
        timelines=timelines,
        bases=[Recorded],
        history_id_field=models.BigAutoField(),
        user_db_constraint=False,
        excluded_fields=["password", "sign_in_round", "last_login", "digest", "last_used_at"],
    )


def record(rows: Iterable[Any], by: Actor, *, verb: str, from_status: str = "", created: bool = False) -> None:
    """Write one record for each row. The database copies them as they now are, all in one statement."""
    changed = list(rows)
    if not changed:
        return
    said = {
        "history_credential": by.key and by.key.pk,
        "from_status": from_status,
        "history_date": timezone.now(),
        "history_change_reason": verb,
        "history_type": "+" if created else "~",
        "history_user": by.user and by.user.pk,
    }
    model: Any = type(changed[0])
    statement, fields = _copying(model, tuple(said))
    values = [field.get_db_prep_save(said[field.name], connection) for field in fields]
    key = model._meta.pk
    condition, keys = among(key, [key.get_db_prep_value(row.pk, connection) for row in changed], connection)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(condition=condition), [*values, *keys])


@cache
def _copying(model: Any, names: tuple[str, ...]) -> tuple[str, list[Any]]:
    """The INSERT from SELECT that copies rows into their records, but for its condition; and the fields of `names`."""
    quote = connection.ops.quote_name
    meta = model.history.model._meta
    fields = [meta.get_field(name) for name in names]
    copied = ", ".join(quote(field.column) for field in model.history.model.tracked_fields)
    added = ", ".join(quote(field.column) for field in fields)
    values = ", ".join(typed(field, connection) for field in fields)
    key = quote(model._meta.pk.column)
    return (
        f"INSERT INTO {quote(meta.db_table)} ({copied}, {added}) "  # noqa: S608
        f"SELECT {copied}, {values} FROM {quote(model._meta.db_table)} WHERE {key} {{condition}} ORDER BY {key}",
        fields,
    )


def insert(row: Any, by: Actor, *, verb: str) -> Any:
    """Insert a row with its record. Not `save()`: the record made by its signal knows no credential."""
    with transaction.atomic(savepoint=False):
        _add(row)
        record([row], by, verb=verb, created=True)
    return row


def _add(row: Any) -> None:
    """What `bulk_create([row])` does, by a statement that is made once for each model."""
    model: Any = type(row)
    statement, fields = _adding(model)
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        [key] = cursor.fetchone()
    if row.pk is None:
        row.pk = key
    row._state.adding, row._state.db = False, connection.alias


@cache
def _adding(model: Any) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    names = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return (
        f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places}) "  # noqa: S608
        f"RETURNING {quote(model._meta.pk.column)}",
        fields,
    )


def change(row: Any, by: Actor, *, verb: str, from_status: str = "", **values: Any) -> Any:
    """Write new values of a locked row, with its record."""
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
    record([row], by, verb=verb, from_status=from_status)
    return row
