"""Folding: text without case, accents and what else is ignored when people compare text."""

import unicodedata

from tutorarc.domain.text import without_invisible

# Letters that Unicode doesn't decompose, in lower case.
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
        "ß": "ss",
        "ŧ": "t",
        "þ": "th",
        "ə": "e",
    }
)


def folded(text: str) -> str:
    """Text in lower case without accents: `Łódź` becomes `lodz`. Signs that are part of a letter in its script stay."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", without_invisible(text).casefold()).translate(TRANSLITERATION)
    return unicodedata.normalize("NFC", "".join(character for character in plain if not _is_accent(character)))


def _is_accent(character: str) -> bool:
    """Whether this is a combining accent, a Hebrew point or an Arabic vowel mark, by its combining class.

    Indic viramas, Thai tones and the voicing marks of kana have other classes: without them it is another word.
    """
    combining_class = unicodedata.combining(character)
    return combining_class >= 200 or 10 <= combining_class <= 36
