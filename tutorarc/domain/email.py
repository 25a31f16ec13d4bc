"""E-mail addresses: one canonical form, in which they are stored, looked up and signed in with."""

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tutorarc.domain.text import INVISIBLE

MAX_LENGTH = 254
# Invisible characters that are copied along with an address. Not the joiners, which make another domain.
_marks = re.compile(f"(?![\u200c\u200d])[{INVISIBLE}]")


def canonical(typed: str) -> str:
    """The address in ASCII and lower case, with the domain in its DNS form. Raises ValidationError.

    Full-width letters, decomposed accents, invisible marks and capitals are other spellings of the same address. A
    mailbox outside of ASCII is refused: `ı`, `ſ` and the Kelvin sign pass for i, s and k in some comparisons.
    """
    if len(typed) > 2 * MAX_LENGTH:
        raise _invalid()
    plain = _marks.sub("", unicodedata.normalize("NFKC", typed)).strip().lower()
    mailbox, _, domain = plain.rpartition("@")
    if not mailbox.isascii() or '"' in mailbox:
        raise _invalid()
    address = f"{mailbox}@{_domain(domain)}"
    validate_email(address)
    return address


def spellings(typed: str) -> list[str]:
    """The stored addresses that this text may mean, the likeliest first.

    Beside the canonical form this is the text itself in lower case: an account that was created before addresses had a
    canonical form keeps its address where two accounts would have got the same one.
    """
    as_typed = typed.strip().lower()
    try:
        return list(dict.fromkeys([as_typed, canonical(typed)]))
    except ValidationError:
        return [as_typed]


def _domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        raise _invalid() from None


def _invalid() -> ValidationError:
    return ValidationError(validate_email.message, validate_email.code)
