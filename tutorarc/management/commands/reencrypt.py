from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from tutorarc.domain import encryption
from tutorarc.webhooks.models import Endpoint

BATCH = 1000


class Command(BaseCommand):
    help = "Encrypt stored secrets with the present secret key, so that a former one may be removed."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"second factors: {_reencrypt(Authenticator, ['data'])} encrypted anew")
        self.stdout.write(f"webhooks: {_reencrypt(Endpoint, ['secret', 'former_secret'])} encrypted anew")


def _reencrypt(model: Any, fields: list[str]) -> int:
    """How many rows were changed. Raises cryptography.fernet.InvalidToken if one can't be decrypted."""
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_reencrypt_some(model, fields, keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))


@transaction.atomic
def _reencrypt_some(model: Any, fields: list[str], keys: list[Any]) -> int:
    changed = []
    for row in model.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
        before = {name: getattr(row, name) for name in fields}
        after = {name: _with_present_key(value) for name, value in before.items()}
        if after != before:
            for name, value in after.items():
                setattr(row, name, value)
            changed.append(row)
    model.objects.bulk_update(changed, fields)
    return len(changed)


def _with_present_key(value: Any) -> Any:
    """The JSON value, with each text that a former secret key encrypted encrypted anew."""
    match value:
        case dict():
            return {name: _with_present_key(part) for name, part in value.items()}
        case list():
            return [_with_present_key(part) for part in value]
        case str() if encryption.is_by_former_key(value):
            return encryption.encrypt(encryption.decrypt(value))
    return value
