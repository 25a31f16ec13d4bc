"""The configuration file, read by the server and by every command, so that all of them use the same database."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from dotenv.parser import Binding, parse_stream

NAME = "TUTORARC_ENV_FILE"


def load(default: Path) -> None:
    """Set the variables of the file that TUTORARC_ENV_FILE names, by default `default`. The environment wins.

    An empty TUTORARC_ENV_FILE means no file. Raises ImproperlyConfigured if a named file is missing, or if a line can't
    be read. No message repeats a line, because it may hold a password.
    """
    named = os.environ.get(NAME)
    if named == "" or (named is None and not default.exists()):
        return
    file = Path(named or default)
    for variable, value in _variables(file):
        os.environ.setdefault(variable, value)


def _variables(file: Path) -> Iterator[tuple[str, str]]:
    for binding in parse_stream(StringIO(_text(file))):
        if _is_broken(binding):
            raise ImproperlyConfigured(f"{file}, line {_line_number(binding)}: write NAME=value, or NAME='any value'.")
        if binding.key and binding.value is not None:
            yield binding.key, binding.value


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ImproperlyConfigured(f"{file}, named by {NAME}, can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{file} is not in UTF-8.") from None


def _is_broken(binding: Binding) -> bool:
    has_no_value = binding.key is not None and binding.value is None
    return binding.error or has_no_value or "\0" in (binding.value or "")


def _line_number(binding: Binding) -> int:
    """The line of a binding, which starts with the blank lines before it."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
