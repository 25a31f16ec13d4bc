"""Words of error messages: suggestions, lists of choices, and what was sent, cut to a readable length."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

LONGEST_NAME = 60  # of a name that is compared with known ones
SIMILARITY = 0.7


def excerpt(text: str, length: int = 40) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def join_names(names: Iterable[str], word: str = "or") -> str:
    """`A, B or C`."""
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question with the most similar known name, to append to a sentence; empty if none is similar.

    Case and `_` make no difference.
    """
    if len(name) > LONGEST_NAME:
        return ""
    by_letters = {_letters(one): one for one in known}
    similar = get_close_matches(_letters(name), by_letters, n=1, cutoff=SIMILARITY)
    return f" Did you mean {by_letters[similar[0]]}?" if similar else ""


def _letters(name: str) -> str:
    """The name in lower case and without separators; a first character such as the `-` of an order stays."""
    return (name[:1] + re.sub(r"[\W_]", "", name[1:])).casefold()


def no_such(kind: str, name: str, known: Sequence[str], similar: Sequence[str] = ()) -> str:
    """Message for a name that is none of the known ones. Those in `similar` are suggested too, but not listed."""
    if question := did_you_mean(name, [*known, *similar]):
        return f"There is no such {kind} here.{question}"
    if known:
        return f"There is no such {kind} here, only {join_names(known, 'and')}."
    return f"There is no such {kind} here: this call takes none."


def not_a_choice(value: Any, choices: Sequence[str]) -> str:
    """Message for a value that is none of the choices."""
    if not isinstance(value, str):
        return f"Give {join_names(choices)}, not {kind_of(value)}."
    return f"Give {join_names(choices)}.{did_you_mean(value, choices)}"


def kind_of(value: Any) -> str:
    """The JSON type of a value in words."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    kinds = {str: "text in quotes", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a file")


def with_field(field: str, message: str) -> str:
    """A message that names its field: `title: this field is required.`"""
    begins_with_word = re.match(r"(A|[A-Z][a-z]+)\b", message)  # and not with a name, such as U+200B
    sentence = message[:1].lower() + message[1:] if begins_with_word else message
    return f"{field}: {sentence}" if field else message


def method_not_allowed(method: str, allowed: Sequence[str]) -> str:
    return f"{excerpt(method)} is not possible here. This path takes {join_names(allowed, 'and')}."
