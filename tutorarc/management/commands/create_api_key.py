from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apikeys.models import ApiKey
from tutorarc.api.scopes import SCOPES
from tutorarc.domain.clock import parse_datetime
from tutorarc.domain.events import SYSTEM
from tutorarc.management.command_errors import domain_errors_as_command_errors
from tutorarc.models import User


class Command(BaseCommand):
    help = "Makes an API key for a person and prints it, and nothing else. It can't be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The person that the key acts as.")
        parser.add_argument("--name", default="API key")
        parser.add_argument(
            "--scope",
            dest="scopes",
            metavar="SCOPE",
            action="extend",
            nargs="+",
            help=f"What the key may do; default all: {', '.join(SCOPES)}.",
        )
        parser.add_argument("--expires", metavar="TIME", help="Such as 2030-01-31T12:00:00Z; default never.")

    def handle(self, *, email: str, name: str, scopes: list[str] | None, expires: str | None, **options: Any) -> None:
        owner, expires_at = _owner(email), _moment(expires)
        with domain_errors_as_command_errors():
            _, plaintext = ApiKey.objects.issue(
                owner, SYSTEM, name=name, scopes=SCOPES if scopes is None else scopes, expires_at=expires_at
            )
        self.stdout.write(plaintext)


def _owner(email: str) -> User:
    try:
        owner = User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise CommandError(f"There is no person with the address {email}. Make one with create_user.") from None
    if not owner.is_active:
        raise CommandError(f"{owner.email} is not active, so a key of theirs would open nothing.")
    return owner


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else parse_datetime(text)
    except ValueError:
        raise CommandError(f"--expires: give a date and time such as 2030-01-31T12:00:00Z, not {text!r}.") from None
