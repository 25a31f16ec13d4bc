"""The API reference at /api/docs: guides, and calls by task, made from the OpenAPI document and the contract.

A page's content is the same for everybody and is rendered once per process. Only its head depends on the visitor.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from tutorarc.api.schema.code_samples import HOST
from tutorarc.http.error_pages import not_found
from tutorarc.http.public_url import site_url
from tutorarc.site.reference.calls import calls_of, objects_of, received_by, words_to_find
from tutorarc.site.reference.contents import CONTRACT, GUIDES, TASKS, Guide, Task, operations_of
from tutorarc.site.reference.parts import Call
from tutorarc.site.reference.text import anchor_of, html, section

PAGES: dict[str, Guide | Task] = {guide.slug: guide for guide in GUIDES} | {task.slug: task for task in TASKS}
LINK = re.compile(r"\[([^\]]+)\]\(([\w.]*)#?([\w-]*)\)")
REASON = re.compile(r"<tr>(\n<td><code>)([a-z_0-9]+)(</code></td>\n.*\n<td>.*)(?=</td>\n</tr>)")
HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)


def reference_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator of a view that is read by anybody. Other methods are 405, with or without a CSRF token."""
    return csrf_exempt(require_safe(view))


@reference_page
def overview(request: HttpRequest) -> HttpResponse:
    return _shown(request, "API reference", content(""))


@reference_page
def page(request: HttpRequest, slug: str) -> HttpResponse:
    if slug not in PAGES:
        return not_found(request)
    return _shown(request, f"{PAGES[slug].title} · API reference", content(slug))


@reference_page
def try_calls(request: HttpRequest) -> HttpResponse:
    """Swagger UI, served from our own host."""
    return render(request, "reference/try.html")


def _shown(request: HttpRequest, title: str, text: str) -> HttpResponse:
    here = mark_safe(text.replace(HOST, site_url(request)))  # noqa: S308 (rendered; Django has checked the host)
    return render(request, "reference/frame.html", {"title": title, "content": here})


@cache
def content(slug: str) -> str:
    """What a page has below the head of the site, the sidebar included. The overview has no slug."""
    page = PAGES.get(slug)
    context: dict[str, Any] = {
        "page": page,
        "guides": GUIDES,
        "tasks": [(task, _entries(task)) for task in TASKS],
        "host": HOST,
    }
    if isinstance(page, Task):
        context |= {"calls": calls_of(page), "objects": objects_of(page), "received": received_by(page)}
        return render_to_string("reference/task.html", context)
    if isinstance(page, Guide):
        context |= {"text": guide_text(page), "anchor": anchor_of(page.section)}
        return render_to_string("reference/guide.html", context)
    return render_to_string("reference/overview.html", context)


def _entries(task: Task) -> list[dict[str, Any]]:
    """The task's calls in the sidebar."""
    return [
        {"name": one.name, "method": one.method, "title": one.described["summary"], "words": words_to_find(one)}
        for one in operations_of(task)
    ]


def guide_text(guide: Guide) -> SafeString:
    text = html(LINK.sub(_new_link, section(guide.document, guide.section)))
    return mark_safe(REASON.sub(_with_calls, text)) if guide.section == "Errors" else text  # noqa: S308 (see `html`)


def _new_link(found: re.Match[str]) -> str:
    """A link between sections of the documentation, as one between guides; only its words if no guide has it."""
    words, document, anchor = found.groups()
    slug = _sections().get((document or CONTRACT, anchor))
    return f"[{words}]({reverse('docs-page', args=[slug])}#{anchor})" if slug else words


def _with_calls(row: re.Match[str]) -> str:
    """A row of the table of reasons with an anchor, and with the calls that have this reason for themselves."""
    start, reason, rest = row.groups()
    context = {"calls": _callers().get(reason, [])}
    return f'<tr id="{reason}">{start}{reason}{rest}' + render_to_string("reference/callers.html", context)


@cache
def _callers() -> dict[str, list[tuple[str, Call]]]:
    """The calls that have a reason for themselves, with the slugs of their pages."""
    found: dict[str, list[tuple[str, Call]]] = {}
    for task in TASKS:
        for call in calls_of(task):
            for refusal in call.refusals:
                found.setdefault(refusal.reason, []).append((task.slug, call))
    return found


@cache
def _sections() -> dict[tuple[str, str], str]:
    """The slug of the guide that has each section."""
    found: dict[tuple[str, str], str] = {}
    for guide in GUIDES:
        headings = [guide.section, *HEADING.findall(section(guide.document, guide.section))]
        found |= {(guide.document, anchor_of(heading)): guide.slug for heading in headings}
    return found
