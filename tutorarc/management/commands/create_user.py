from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tutorarc.domain.email import spellings
from tutorarc.management.command_errors import domain_errors_as_command_errors
from tutorarc.models import User


class Command(BaseCommand):
    help = "Makes a person and prints their id, and nothing else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", required=True, type=str.upper, choices=User.GlobalRole.values)
        parser.add_argument("--name", help="Default: the part of the address before the @.")
        parser.add_argument("--password", help="Without one, the person can't sign in until they are given one.")
        parser.add_argument("--staff", action="store_true", help="May sign in to the admin site.")
        parser.add_argument("--superuser", action="store_true", help="Has every right there, and so is staff.")

    def handle(self, *, email: str, role: str, name: str | None, **options: Any) -> None:
        superuser: bool = options["superuser"]
        staff: bool = options["staff"] or superuser
        display_name = spellings(email)[-1].partition("@")[0] if name is None else name
        with domain_errors_as_command_errors():
            user = User.objects.create_user(
                email,
                options["password"],
                display_name=display_name,
                global_role=role,
                is_staff=staff,
                is_superuser=superuser,
            )
        self.stdout.write(user.pk)
