"""Names and titles in the plain text of a mail."""

import unicodedata

RIGHT_TO_LEFT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


def isolated(text: str) -> str:
    """The text on one line; one in Hebrew or Arabic is isolated, so that it leaves the words around it in order.

    Text from left to right stays as it is: some mail programs show the marks as boxes.
    """
    line = " ".join(text.split())
    if any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in line):
        return f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}"
    return line
