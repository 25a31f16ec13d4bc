"""Who did it, with which credential, when, from what to what: the record that every domain verb leaves."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol

from django.db import models, transaction
from simple_history.models import HistoricalRecords

from tutorarc.ids import TypeIDField


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
    """Write one record for each row, all in one statement, whatever their number."""
    changed = list(rows)
    if changed:
        type(changed[0]).history.bulk_history_create(
            changed,
            update=not created,
            default_user=by.user,
            default_change_reason=verb,
            custom_historical_attrs={
                "history_credential": by.key.pk if by.key else None,
                "from_status": from_status,
            },
        )


def insert(row: Any, by: Actor, *, verb: str) -> Any:
    """Insert a row with its record. Not `save()`: the record made by its signal knows no credential."""
    with transaction.atomic():
        type(row)._base_manager.bulk_create([row])
        record([row], by, verb=verb, created=True)
    return row


def change(row: Any, by: Actor, *, verb: str, from_status: str = "", **values: Any) -> Any:
    """Write new values of a locked row, with its record."""
    type(row)._base_manager.filter(pk=row.pk).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
    record([row], by, verb=verb, from_status=from_status)
    return row
