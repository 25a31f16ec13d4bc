"""Replaces Django's command, which would save the user without an event."""

from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tutorarc.domain.events import SYSTEM
from tutorarc.management.command_errors import domain_errors_as_command_errors
from tutorarc.models import User


class Command(BaseCommand):
    help = "Asks for a user's new password, twice, and sets it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *, email: str, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"There is no user with the address {email}.") from None
        password = getpass("New password: ")
        if getpass("The same again: ") != password:
            raise CommandError("The two passwords differ.")
        with domain_errors_as_command_errors():
            user.change_password(SYSTEM, password)
        self.stdout.write(f"The password of {user} is changed.")
