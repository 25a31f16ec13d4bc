"""Class codes such as `ALGO-7P4X` (docs/contract.md, "Class codes")."""

import secrets
import unicodedata
from collections.abc import Iterator

PREFIX_LENGTH = 4
PREFIX_WITHOUT_LETTERS = "CLAS"
UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0 and O, 1, I and L
# Lengths of the random part for each try: longer after collisions, which are likelier the more codes are in use.
SUFFIX_LENGTHS = (4, 4, 5, 5, 6, 6, 7, 8, 8, 8)


def prefix_of(title: str) -> str:
    """The first four ASCII capitals or digits of a title, accents stripped; CLAS where it has none."""
    plain = unicodedata.normalize("NFKD", title).upper()
    usable = [character for character in plain if character.isascii() and character.isalnum()]
    return "".join(usable[:PREFIX_LENGTH]) or PREFIX_WITHOUT_LETTERS


def candidates(title: str) -> Iterator[str]:
    """Codes to try one after the other, until one is free."""
    prefix = prefix_of(title)
    for length in SUFFIX_LENGTHS:
        yield f"{prefix}-{''.join(secrets.choice(UNAMBIGUOUS) for _ in range(length))}"


def canonical(typed: str) -> str:
    """A code as it is stored: people type it in small letters and with spaces around it."""
    return typed.strip().upper()
