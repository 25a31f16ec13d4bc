"""Folding: text without case, accents and what else is ignored when people search and sort."""

import re
import unicodedata

from tutorarc.domain.text import without_invisible

# Letters that Unicode doesn't decompose, and marks that keyboards and word processors write in several ways.
TRANSLITERATION = str.maketrans(
    {
        "æ": "ae",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ı": "i",
        "ł": "l",
        "ŋ": "n",
        "ø": "o",
        "œ": "oe",
        "ŧ": "t",
        "þ": "th",
        "ə": "e",
        "\u0640": "",  # Arabic tatweel, which only stretches a word
        **dict.fromkeys("‘’ʼʻ´`", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‐‒–—―−", "-"),
    }
)
LONGEST_NUMBER = 99  # digits


def folded(text: str) -> str:
    """Text in lower case, without accents and repeated blanks: `Łódź` becomes `lodz`.

    Marks that belong to a letter in its script stay, such as Indic vowel signs.
    """
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", without_invisible(text).casefold()).translate(TRANSLITERATION)
        text = unicodedata.normalize("NFC", "".join(map(_digit, filter(_is_no_accent, plain))))
    return " ".join(text.lower().split())


def folded_with_numbers(text: str) -> str:
    """Folded text in which numbers sort by their value, `2 Ways` before `10 Ways`, since their length stands first."""
    return re.sub("[0-9]+", _with_length, folded(text))


def _with_length(number: re.Match[str]) -> str:
    digits = (number[0].lstrip("0") or "0")[:LONGEST_NUMBER]
    return f"{len(digits):02}{digits}"


def _digit(character: str) -> str:
    """The ASCII digit for a digit of any script; any other character as it is."""
    return str(unicodedata.decimal(character, character))


def _is_no_accent(character: str) -> bool:
    """False for accents, Hebrew points and Arabic vowel marks, by their combining class.

    Indic viramas, Thai tones and the voicing marks of kana have other classes: without them it is another word.
    """
    combining_class = unicodedata.combining(character)
    return combining_class < 10 or 36 < combining_class < 200
