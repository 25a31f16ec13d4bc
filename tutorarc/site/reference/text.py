"""Markdown and code as HTML. The style sheet colours the classes of code."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Literal, Name  # type: ignore[import-untyped]

DOCS = Path(__file__).resolve().parents[2] / "docs"
# Read at the start, because a checkout may be replaced while a process runs.
DOCUMENTS = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
CLASSES = [
    (Comment, "c"),
    (Literal.String, "s"),
    (Literal.Number, "m"),
    (Keyword.Constant, "m"),
    (Keyword, "k"),
    (Name.Tag, "t"),
    (Name.Function, "f"),
]


def highlighted(source: str, language: str) -> SafeString:
    tokens = get_lexer_by_name(language, stripnl=False).get_tokens(source)
    parts = groupby(((_class_of(kind), text) for kind, text in tokens), lambda part: part[0])
    merged = [(name, escape("".join(text for _, text in group))) for name, group in parts]
    code = "".join(f'<span class="{name}">{text}</span>' if name else text for name, text in merged)
    return mark_safe(code.rstrip("\n"))  # noqa: S308 (escaped)


def _class_of(kind: Any) -> str:
    return next((name for family, name in CLASSES if kind in family), "")


def html(markdown: str) -> SafeString:
    return mark_safe(_parser().render(markdown))  # noqa: S308 (the parser escapes HTML)


def inline_html(markdown: str) -> SafeString:
    """Without a paragraph around it."""
    return mark_safe(_parser().renderInline(markdown))  # noqa: S308 (the parser escapes HTML)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("js-default")
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("table_open", lambda *_: '<div class="scroll" tabindex="0"><table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _fence(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:  # noqa: ARG001
    """A block of code with a button to copy it, which the site's script shows."""
    source, language = tokens[index].content, tokens[index].info
    code = highlighted(source, language) if language else escape(source)
    name = f"code-{crc32(source.encode()):x}"
    button = f'<button type="button" class="copy" hidden data-copies="{name}">Copy</button>'
    return f'<div class="sample">{button}<pre tabindex="0"><code id="{name}">{code}</code></pre></div>\n'


def _heading(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:  # noqa: ARG001
    """A heading with the anchor that GitHub gives it."""
    return f'<{tokens[index].tag} id="{anchor_of(tokens[index + 1].content)}">'


def anchor_of(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@cache
def document(name: str) -> str:
    """A page of docs/ without comments."""
    return re.sub(r"<!--.*?-->\n?", "", DOCUMENTS[name], flags=re.DOTALL)


def section(name: str, heading: str) -> str:
    """The text below a heading of the second level; without a heading, below the page's own."""
    text = document(name)
    if not heading:
        return text.partition("\n")[2]
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError(f"{name} has no section {heading}.")
    return found[1]
