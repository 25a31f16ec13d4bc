from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand
from django.db import transaction

from tutorarc.domain import encryption

BATCH = 1000


class Command(BaseCommand):
    help = "Encrypt second factors with the present secret key, so that a former one may be removed."

    def handle(self, **options: Any) -> None:
        keys = list(Authenticator.objects.order_by("pk").values_list("pk", flat=True))
        changed = sum(_reencrypt(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))
        self.stdout.write(f"second factors: {changed} encrypted anew")


@transaction.atomic
def _reencrypt(keys: list[int]) -> int:
    """Raises cryptography.fernet.InvalidToken if a value was encrypted with a key that is no longer accepted."""
    changed = []
    for factor in Authenticator.objects.select_for_update().filter(pk__in=keys):
        data = _with_present_key(factor.data)
        if data != factor.data:
            factor.data = data
            changed.append(factor)
    Authenticator.objects.bulk_update(changed, ["data"])
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
