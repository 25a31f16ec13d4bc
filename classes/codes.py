"""Class codes such as `ALGO-7P4X` (docs/contract.md, "Class codes")."""

import re
import secrets
import unicodedata
from collections.abc import Iterator

from tutorarc.domain.folding import folded

PREFIX_LENGTH = 4
DEFAULT_PREFIX = "CLAS"
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"  # without vowels and Y, so that no word appears, and without 0, 1 and L
MIN_LENGTH, MAX_LENGTH = 4, 8  # of the random part
# A guess of a random part hits a code in use less often than once in so many times.
MIN_CODES_FOR_EACH_IN_USE = 400_000
# With 4, 5 or 6 random characters for so many codes in use of one prefix, the last one included. Beyond that 8: then
# codes in use need not be counted any further.
MAX_IN_USE = {length: len(ALPHABET) ** length // MIN_CODES_FOR_EACH_IN_USE for length in (4, 5, 6)}
MAX_COUNTED = max(MAX_IN_USE.values())
TRIES = 10
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


def random_length(in_use: int) -> int:
    """Length of the random part of a new code, while `in_use` others have the same prefix. Longer the more they are.

    Holds MIN_CODES_FOR_EACH_IN_USE up to 700,000 codes of one prefix.
    """
    return next((length for length, most in MAX_IN_USE.items() if in_use < most), MAX_LENGTH)


def new_codes(prefix: str, in_use: int) -> Iterator[str]:
    """Codes to try one after the other, until one is free."""
    for _ in range(TRIES):
        yield f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(random_length(in_use)))}"


def possible_codes(typed: str) -> list[str]:
    """The codes that a text may mean, the likeliest first: case, blanks, width, accents and dashes are ignored.

    Without its dash, a text may mean several codes, because prefixes have different lengths.
    """
    text = cleaned(typed)
    plain = text.replace("-", "")
    splits = range(PREFIX_LENGTH, 0, -1)
    codes = [f"{plain[:at]}-{plain[at:]}" for at in splits if MIN_LENGTH <= len(plain) - at <= MAX_LENGTH]
    return sorted(codes, key=lambda code: code != text)


def cleaned(typed: str) -> str:
    """The letters, digits and dashes of a typed code, such as `ALGO-7P4X`; empty if there is anything else in it."""
    if len(typed) > MAX_TYPED:
        return ""
    text = re.sub(r"\s", "", "".join("-" if _is_dash(character) else character for character in folded(typed))).upper()
    plain = text.replace("-", "")
    return text if plain.isascii() and plain.isalnum() else ""


def typed_prefix(typed: str) -> str:
    """The prefix of the code that was typed; empty if the text is no code."""
    return next((code.partition("-")[0] for code in possible_codes(typed)), "")


def _is_dash(character: str) -> bool:
    return unicodedata.category(character) == "Pd" or character in FURTHER_DASHES
