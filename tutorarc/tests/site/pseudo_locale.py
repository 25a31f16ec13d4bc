"""A pseudo-locale: every translated text stands in ⟦ ⟧, so that what stands outside was not marked for translation."""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

from django.utils import translation

from tutorarc.domain import time_zones

# Not for people, or the same in every language: code, names and titles (in <bdi>), times (translated by their format).
NOT_TRANSLATED = {"script", "style", "code", "pre", "bdi", "textarea"}
SHOWN_ATTRIBUTES = ("aria-label", "alt", "placeholder", "title", "data-confirm")
WITHOUT_END = {"br", "hr", "img", "input", "link", "meta"}
DATA = re.compile(
    r"TutorArc|UTC|\S+@\S+|https?://\S*|[A-Z0-9]{1,4}-[A-Z0-9]{4,8}|\w+_[0-9a-z]{26}\S*|ta_live_\S+|JSON|API|QR"
)


@contextmanager
def pseudo_locale(monkeypatch: Any) -> Generator[None, None, None]:
    def marked(original: Any) -> Any:
        return lambda *texts: f"⟦{original(*texts)}⟧"

    with monkeypatch.context() as patch:
        for name in ("gettext", "pgettext", "ngettext", "npgettext"):
            patch.setattr(translation._trans, name, marked(getattr(translation._trans, name)))
        yield


def unmarked_texts(html: str) -> list[str]:
    """Texts with letters that stand outside ⟦ ⟧."""
    page = _Texts()
    page.feed(html)
    texts = [text.strip() for text in page.found if re.search(r"[^\W\d_]{2}", DATA.sub("", text))]
    return [text for text in texts if text.replace(" ", "_") not in time_zones.names()]


def outside(text: str, depth: int = 0) -> tuple[str, int]:
    """What of the text stands outside ⟦ ⟧, and the depth at its end."""
    left = []
    for character in text:
        depth += (character == "⟦") - (character == "⟧")
        if depth == 0 and character != "⟧":
            left.append(character)
    return "".join(left), depth


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.depth, self.inside = 0, []  # type: int, list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in WITHOUT_END:
            self.inside.append("bdi" if values.get("translate") == "no" else tag)
        self.found += [outside(values[name] or "")[0] for name in SHOWN_ATTRIBUTES if name in values]
        if tag == "input" and values.get("type") in ("submit", "button"):
            self.found.append(outside(values.get("value") or "")[0])

    def handle_endtag(self, tag: str) -> None:
        if tag not in WITHOUT_END:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        text, self.depth = outside(data, self.depth)
        if not NOT_TRANSLATED & set(self.inside):
            self.found.append(text)


def lines_outside(text: str) -> Iterator[str]:
    """Lines of a plain text, such as a mail, with letters outside ⟦ ⟧."""
    left, _ = outside(text)
    return (line.strip() for line in left.splitlines() if re.search(r"[^\W\d_]{2}", DATA.sub("", line)))
