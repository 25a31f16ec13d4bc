"""Class codes such as `ALGO-7P4X` (docs/contract.md, "Class codes")."""

import re
import secrets
import unicodedata
from collections.abc import Iterator

from tutorarc.domain.folding import folded

PREFIX_LENGTH = 4
DEFAULT_PREFIX = "CLAS"
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"  # without vowels and Y, so that no word appears, and without 0, 1 and L
# Lengths of the random part for each try: longer after collisions, which are likelier the more codes are in use.
SUFFIX_LENGTHS = (4, 4, 5, 5, 6, 6, 7, 8, 8, 8)
# Prefixes that are offensive by themselves, in several languages.
OFFENSIVE_PREFIXES = """
    ANAL ANUS ARSC ARSE ASS BITC CHUJ COCK COON CRAP CUM CUNT DICK DUPA DYKE FAG FAGG FART FICK FOTZ FUCK HOMO HURE
    JIZZ KACK KIKE KKK KURW MERD NAZI NEGR NIGG PAKI PEDO PENI PISS POOP PORN PUSS PUTA PUTE RAPE SEX SEXU SHIT SLUT
    SPIC TITS TURD TWAT VAGI WANK WHOR
"""
MAX_TYPED = 160  # characters; to fold a text takes time that grows with the square of its length
# Characters beside those of category Pd that are typed for a dash: minus signs, the long vowel mark of Japanese
# keyboards and box drawing.
FURTHER_DASHES = "\u02d7\u2043\u2212\u2500\u2501\u30fc"


def prefix_of(title: str) -> str:
    """The first four letters or digits of a title in ASCII; CLAS without a letter, or if that is offensive."""
    usable = "".join(re.findall("[A-Z0-9]", folded(title).upper()))
    prefix = usable[:PREFIX_LENGTH]
    return prefix if re.search("[A-Z]", usable) and prefix not in OFFENSIVE_PREFIXES.split() else DEFAULT_PREFIX


def candidates(title: str) -> Iterator[str]:
    """Codes to try one after the other, until one is free."""
    prefix = prefix_of(title)
    for length in SUFFIX_LENGTHS:
        yield f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(length))}"


def readings(typed: str) -> list[str]:
    """The codes that a text may mean, the likeliest first: case, blanks, width, accents and dashes are ignored.

    Without its dash, a text may mean several codes, because prefixes have different lengths.
    """
    if len(typed) > MAX_TYPED:
        return []
    text = re.sub(r"\s", "", "".join("-" if _is_dash(character) else character for character in folded(typed))).upper()
    plain = text.replace("-", "")
    if not (plain.isascii() and plain.isalnum()):
        return []
    splits = range(PREFIX_LENGTH, 0, -1)
    codes = [f"{plain[:at]}-{plain[at:]}" for at in splits if len(plain) - at in SUFFIX_LENGTHS]
    return sorted(codes, key=lambda code: code != text)


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character in FURTHER_DASHES
