"""Domain errors as command errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from tutorarc.domain.errors import DomainError


@contextmanager
def domain_errors_as_command_errors() -> Iterator[None]:
    """Convert DomainError and ValidationError to CommandError."""
    try:
        yield
    except DomainError as error:
        raise CommandError(error.message) from None
    except ValidationError as error:
        raise CommandError(" ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    if not hasattr(error, "error_dict"):
        return error.messages
    return [f"{field}: {message}" for field, messages in error.message_dict.items() for message in messages]
