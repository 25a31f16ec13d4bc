"""Template filters for the coloured circle with a person's initials."""

from zlib import crc32

from django import template

register = template.Library()

TINTS = 8  # colours named --tint-0 to --tint-7 in static/tutorarc/site.css


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word: "SO" for "Sam van Oyelaran"."""
    letters = [word[0].upper() for word in name.split() if word[0].isalpha()]
    return "".join(letters[:1] + letters[1:][-1:]) or name[:1]


@register.filter
def tint(name: str) -> str:
    """CSS class of the circle's colour, which stays the same for a name."""
    return f"tint-{crc32(name.encode()) % TINTS}"
