"""Removing secrets from texts that are logged or stored: API keys, secrets of webhooks and tokens of links."""

import re

# A character as it may be spelled in an address, also encoded several times, in JSON or in HTML. Atomic groups (`?>`)
# keep the time linear for any text.
_ENCODED = r"%(?:25)*+{0:02x}|\\+u00{0:02x}|&\#(?:{0}|x{0:x});"
_ANY = r"(?>\w|%(?:25)*+[2-7][0-9a-f]|\\++u00[2-7][0-9a-f]|&\#(?:\d{2,3}|x[2-7][0-9a-f]);)"


def _spelled(text: str) -> str:
    """Pattern for a text in all spellings."""
    return "".join(f"(?>{re.escape(char)}|{_ENCODED.format(ord(char))})" for char in text)


# Nearly all texts hold none of these, and are searched no further: each line of the log comes here. Lines of requests
# with a key hold the beginning of the key.
_SPELLINGS = ("%", "\\u00", "&#", "74615f6c", "dgffbgl2zv", "rhx2xpdmvf", "0yv9saxzlx")
_WORDS = ("whsec", "invite_", "calfeed_", "joinlink_", "link", "token", "signature", *_SPELLINGS)
_FORMS = (
    re.compile(r"ta_live_\w{20}", re.IGNORECASE | re.ASCII),
    re.compile(r"-[0-9a-zA-Z]{32}"),
    re.compile(r"[:./][\w-]{43}", re.ASCII),
)

_REDACTIONS = [
    (re.compile(pattern, flags | re.ASCII), replacement)
    for pattern, flags, replacement in [
        # API keys. Of one in its own spelling the first characters stay, by which its owner knows it.
        (r"(ta_live_[a-z2-7]{4})[a-z2-7]{20,}\w*", 0, r"\1..."),
        (rf"{_spelled('ta_live_')}{_ANY}{{20,}}", re.IGNORECASE, "ta_live_..."),
        # In base64, which has three spellings, and in hex.
        (r"(?:dGFfbGl2ZV|RhX2xpdmVf|0YV9saXZlX)[\w+/=-]{20,}", 0, "ta_live_..."),
        (r"74615f6c6976655f[0-9a-f]{40,}", re.IGNORECASE, "ta_live_..."),
        (rf"{_spelled('whsec_')}(?:{_ANY}|[+/=-]){{20,}}", re.IGNORECASE, "whsec_..."),
        # Tokens of invitations.
        (rf"{_spelled('invite_')}{_ANY}{{20,}}", re.IGNORECASE, "invite_..."),
        # Tokens of calendar feeds.
        (rf"{_spelled('calfeed_')}(?:{_ANY}|[.-]){{20,}}", re.IGNORECASE, "calfeed_..."),
        # Tokens of personal links to live sessions.
        (rf"{_spelled('joinlink_')}(?:{_ANY}|[.-]){{20,}}", re.IGNORECASE, "joinlink_..."),
        # Tokens of one-time links: by their path, and by their form of a time and 32 hex digits.
        (r"(accounts/link/[^/\s\"]+/)[^/\s\"\\]+", re.IGNORECASE, r"\1..."),
        (rf"{_ANY}{{6,13}}(?:-|{_ENCODED.format(ord('-'))}){_ANY}{{32,}}", re.IGNORECASE, "..."),
        # What Django signs, such as teacher links and confirmed addresses: 43 characters of base64 at its end.
        (r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43,}", 0, "..."),
        (rf"({_spelled('token')}(?:=|{_ENCODED.format(ord('='))}))(?:{_ANY}|[.:~+-])+", re.IGNORECASE, r"\1..."),
    ]
]


def redact(text: str) -> str:
    """The text without API keys, secrets of webhooks and tokens of links, each replaced by `...`."""
    if _may_hold_secrets(text):
        for pattern, replacement in _REDACTIONS:
            text = pattern.sub(replacement, text)
    return text


def _may_hold_secrets(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in _WORDS) or any(form.search(text) for form in _FORMS)
