from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from tutorarc.domain import encryption
from tutorarc.webhooks.models import Endpoint

BATCH = 1000
STORED: list[tuple[str, Any, list[str]]] = [
    ("second factors", Authenticator, ["data"]),
    ("webhooks", Endpoint, ["secret", "former_secret"]),
]


class Command(BaseCommand):
    help = "Encrypt stored secrets with the present secret key, so that a former one may be removed."

    def handle(self, **options: Any) -> None:
        for title, model, fields in STORED:
            changed, unreadable = _reencrypt(model, fields)
            self.stdout.write(f"{title}: {changed} encrypted anew")
            if unreadable:
                self.stdout.write(f"{title}: {unreadable} can't be read with any key, and were left as they are")


def _reencrypt(model: Any, fields: list[str]) -> tuple[int, int]:
    """How many rows were changed, and how many have a value that can't be decrypted."""
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    parts = [_reencrypt_some(model, fields, keys[start : start + BATCH]) for start in range(0, len(keys), BATCH)]
    return sum(changed for changed, _ in parts), sum(unreadable for _, unreadable in parts)


@transaction.atomic
def _reencrypt_some(model: Any, fields: list[str], keys: list[Any]) -> tuple[int, int]:
    changed, unreadable = [], 0
    for row in model.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        before = {name: getattr(row, name) for name in fields}
        after = {name: _with_present_key(value) for name, value in before.items()}
        unreadable += any(_is_unreadable(value) for value in after.values())
        if after != before:
            for name, value in after.items():
                setattr(row, name, value)
            changed.append(row)
    model.objects.bulk_update(changed, fields)
    return len(changed), unreadable


def _with_present_key(value: Any) -> Any:
    """The JSON value, with each text that a former secret key encrypted encrypted anew. What no key reads stays."""
    match value:
        case dict():
            return {name: _with_present_key(part) for name, part in value.items()}
        case list():
            return [_with_present_key(part) for part in value]
        case str() if encryption.is_by_former_key(value) and encryption.is_readable(value):
            return encryption.encrypt(encryption.decrypt(value))
    return value


def _is_unreadable(value: Any) -> bool:
    """Whether a text of the JSON value that was encrypted anew is still not encrypted with the present key."""
    match value:
        case dict():
            return any(_is_unreadable(part) for part in value.values())
        case list():
            return any(_is_unreadable(part) for part in value)
    return isinstance(value, str) and encryption.is_by_former_key(value)
