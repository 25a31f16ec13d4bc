"""Text that people type: what is refused, and the one form (Unicode NFC) in which it is stored."""

import re
import unicodedata
from collections.abc import Callable, Iterator

from django.core.exceptions import ValidationError

MAX_ACCENTS = 30  # on one letter, as in Unicode's stream-safe format: to put more in order takes quadratic time

# Characters that show nothing, or a blank: Unicode's Default_Ignorable_Code_Point, U+2800 and the annotation marks.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
BIDI_OVERRIDES = "\u202a-\u202e\u2066-\u2069"
CONTROLS = "\x01-\x1f\x7f-\x9f\u2028\u2029"  # NUL is refused by every field already

_invisible = re.compile(f"[{INVISIBLE}]")
_invisible_run = re.compile(f"([^{INVISIBLE}]?)([{INVISIBLE}]+)(?=([^{INVISIBLE}]?))", re.DOTALL)
_bidi_override = re.compile(f"[{BIDI_OVERRIDES}]")
_control = re.compile(f"[{CONTROLS}]")
_visible = re.compile(rf"[^\s\x00{CONTROLS}{INVISIBLE}]")


def one_line(value: str) -> str:
    """A name or title as it is stored. Raises ValidationError for invisible or misleading text."""
    if found := _control.search(value):
        raise _refusal("control_character", found[0], found.start(), "This field takes one line without {}")
    if value.isspace():
        raise _all_invisible()
    text = several_lines(value)
    for index, character in _out_of_place(text):
        raise _refusal("invisible_text", character, index, "{} can't be seen here")
    return text


def several_lines(value: str) -> str:
    """A description as it is stored. Raises ValidationError for invisible or misleading text."""
    if value.isascii():
        return value
    if found := _bidi_override.search(value):
        raise _refusal("bidi_override", found[0], found.start(), "{} changes the direction of the text around it")
    if value.strip() and not _visible.search(value):
        raise _all_invisible()
    _refuse_too_many_accents(value)
    return unicodedata.normalize("NFC", value)


def repaired_line(value: str) -> str:
    """A name or title stored before these rules, without what they refuse; empty if nothing visible is left."""
    text = repaired_lines(_control.sub(" ", value))
    out_of_place = {index for index, _ in _out_of_place(text)}
    return "".join(letter for index, letter in enumerate(text) if index not in out_of_place).strip()


def repaired_lines(value: str) -> str:
    """A description stored before these rules, without what they refuse; empty if nothing visible is left."""
    text = unicodedata.normalize("NFC", _with_fewer_accents(_bidi_override.sub("", value)))
    return text if text.isspace() or _visible.search(text) else ""


def without_invisible(value: str) -> str:
    """For what is compared character by character, such as codes and addresses."""
    return _invisible.sub("", value)


def _all_invisible() -> ValidationError:
    return ValidationError("This text has no visible character.", "invisible_text")


def _refusal(code: str, character: str, index: int, sentence: str) -> ValidationError:
    name = f"U+{ord(character):04X} ({unicodedata.name(character, 'control character')})"
    return ValidationError(f"{sentence.format(name)}. Remove it: it is character {index + 1}.", code)


def _refuse_too_many_accents(value: str) -> None:
    if len(_with_fewer_accents(value)) < len(value):
        raise ValidationError(f"A letter can have {MAX_ACCENTS} accents at most.", "too_many_accents")


def _with_fewer_accents(value: str) -> str:
    accents, kept = 0, []
    for character in value:
        accents = accents + 1 if unicodedata.combining(character) else 0
        if accents <= MAX_ACCENTS:
            kept.append(character)
    return "".join(kept)


# Invisible characters that are part of how a word or an emoji is written


def _out_of_place(value: str) -> Iterator[tuple[int, str]]:
    if value.isascii():
        return
    is_right_to_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in value)
    for found in _invisible_run.finditer(value):
        before, after = found[1] or " ", found[3] or " "
        for place, character in enumerate(found[2], found.start(2)):
            is_in_place = RULES[character](before, after) if character in RULES else False
            if not (is_in_place or (is_right_to_left and character in DIRECTION_MARKS)):
                yield place, character


def _joins(before: str, after: str) -> bool:
    """Inside a word or an emoji sequence; at the end of a word, where Indic and Arabic scripts need it."""
    inside = all(unicodedata.category(letter)[0] in "LMNS" for letter in (before, after))
    return inside or unicodedata.combining(before) == VIRAMA or unicodedata.bidirectional(before) == "AL"


def _selects_a_variant(before: str, after: str) -> bool:
    """After a symbol, or a letter of a script without capitals: no variants of a, b, c are known."""
    return after == KEYCAP or (before > "\x7f" and unicodedata.category(before) in ("So", "Sm", "Sk", "Lo", "Po", "Mn"))


def _separates_words(before: str, after: str) -> bool:
    return all(bool(WRITTEN_WITHOUT_BLANKS.match(letter)) for letter in (before, after))


def _belongs_to_a_flag(before: str, _: str) -> bool:
    return before == BLACK_FLAG


def _between(first: str, last: str) -> str:
    return "".join(map(chr, range(ord(first), ord(last) + 1)))


VIRAMA, KEYCAP, BLACK_FLAG = 9, "\u20e3", "\U0001f3f4"
DIRECTION_MARKS = "\u061c\u200e\u200f"
WRITTEN_WITHOUT_BLANKS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
VARIATION_SELECTORS = _between("\ufe00", "\ufe0f") + _between("\U000e0100", "\U000e01ef") + "\u180b\u180c\u180d\u180f"
RULES: dict[str, Callable[[str, str], bool]] = {
    **dict.fromkeys("\u200c\u200d\u034f\u180e", _joins),
    **dict.fromkeys(VARIATION_SELECTORS, _selects_a_variant),
    **dict.fromkeys(_between("\U000e0020", "\U000e007f"), _belongs_to_a_flag),
    "\u200b": _separates_words,
}
