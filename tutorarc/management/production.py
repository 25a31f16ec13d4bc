"""Commands that have no place in production."""

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

OPTION = "--allow-production"


def add_production_option(parser: CommandParser) -> None:
    parser.add_argument(OPTION, action="store_true", help="Run although this is a production environment.")


def refuse_in_production(reason: str, remedy: str = f"To run it here all the same, add {OPTION}.") -> None:
    """Raises CommandError unless TUTORARC_DEBUG or TUTORARC_INSECURE_HTTP is true.

    The reason completes "This command …, so".
    """
    if not (settings.DEBUG or settings.INSECURE_HTTP):
        raise CommandError(
            f"This command {reason}, so it runs only where TUTORARC_DEBUG or TUTORARC_INSECURE_HTTP is true. {remedy}"
        )
