"""Who did it, with which credential, when, from what to what: the record that every domain verb leaves."""

from collections.abc import Iterable
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
    def post_save(self, instance: Any, created: bool, using: str | None = None, **signal: Any) -> None:
        """A save of fields that no record holds, as `last_login` at each sign-in, is no change to record."""
        saved = signal.get("update_fields")
        if saved is None or not set(saved) <= set(self.excluded_fields):
            super().post_save(instance, created, using=using, **signal)


def records() -> Records:
    """The `history` of a model: one row for each change, never changed or removed."""
    return Records(
        bases=[Recorded],
        history_id_field=models.BigAutoField(),
        user_db_constraint=False,
        excluded_fields=["password", "last_login", "digest", "last_used_at"],
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
