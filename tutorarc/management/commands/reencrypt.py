from collections.abc import Iterator
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import Model

from tutorarc.domain import encryption
from tutorarc.exports.models import DataExportPart
from tutorarc.imports.models import ImportFile
from tutorarc.jobs.models import Job
from tutorarc.models import IdempotentReply
from tutorarc.webhooks.models import Endpoint


class Stored(NamedTuple):
    """Columns that hold encrypted text, or JSON with such texts. So many rows are read and written at once."""

    title: str
    model: type[Model]
    fields: tuple[str, ...]
    together: int = 1000


# All there are but the contents of sessions: these are signed too, and a sign-in ends with the key that signed it.
STORED = (
    Stored("second factors", Authenticator, ("data",)),
    Stored("webhooks", Endpoint, ("secret", "former_secret")),
    Stored("mails that wait", Job, ("payload",)),
    Stored("stored responses", IdempotentReply, ("answer",)),
    Stored("files of imports", ImportFile, ("content",), together=1),  # each up to some megabytes
    Stored("parts of exports", DataExportPart, ("content",), together=20),  # each a third of a megabyte
)


class Command(BaseCommand):
    help = "Encrypt what is stored with the present secret key, so that a former one may be removed."

    def handle(self, **options: Any) -> None:
        for stored in STORED:
            counts = list(_reencrypt(stored))
            self.stdout.write(f"{stored.title}: {sum(changed for changed, _ in counts)} encrypted anew")
            if unreadable := sum(unreadable for _, unreadable in counts):
                self.stdout.write(f"{stored.title}: {unreadable} can't be read with any key, and were left as they are")


def _reencrypt(stored: Stored) -> Iterator[tuple[int, int]]:
    """Of each batch, how many rows were changed, and how many have a value that can't be decrypted."""
    rows = stored.model._base_manager.order_by("pk")
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update()[: stored.together])
            yield _reencrypt_some(batch, stored)
        if len(batch) < stored.together:
            return
        rows = rows.filter(pk__gt=batch[-1].pk)


def _reencrypt_some(rows: list[Any], stored: Stored) -> tuple[int, int]:
    changed, unreadable = [], 0
    for row in rows:
        before = {name: getattr(row, name) for name in stored.fields}
        after = {name: _with_present_key(value) for name, value in before.items()}
        unreadable += any(_is_unreadable(value) for value in after.values())
        if after != before:
            for name, value in after.items():
                setattr(row, name, value)
            changed.append(row)
    stored.model._base_manager.bulk_update(changed, stored.fields)
    return len(changed), unreadable


def _with_present_key(value: Any) -> Any:
    """The JSON value, with each text that a former secret key encrypted encrypted anew. What no key reads stays."""
    match value:
        case dict():
            return {name: _with_present_key(part) for name, part in value.items()}
        case list():
            return [_with_present_key(part) for part in value]
        case str() if encryption.is_by_former_key(value) and encryption.is_readable(value):
            return encryption.encrypt_bytes(encryption.decrypt_bytes(value))
    return value


def _is_unreadable(value: Any) -> bool:
    """Whether a text of the JSON value that was encrypted anew is still not encrypted with the present key."""
    match value:
        case dict():
            return any(_is_unreadable(part) for part in value.values())
        case list():
            return any(_is_unreadable(part) for part in value)
    return isinstance(value, str) and encryption.is_by_former_key(value)
