"""Code samples of the API reference: every call in cURL, JavaScript, TypeScript and Python.

Each checks the status and fails with the reason of an error. A list is read page by page.
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from tutorarc.api.schema.sample_languages import LANGUAGES, Call

HOST = settings.PUBLIC_URL or "http://localhost:8000"  # the reference replaces the latter by the page's own address
KEY_HEADERS = {"X-API-Key": "your_api_key_here"}
COOKIE_HEADERS = {
    "Cookie": f"{settings.SESSION_COOKIE_NAME}=your_session_id; {settings.CSRF_COOKIE_NAME}=your_csrf_token"
}
ORIGIN = "/".join(HOST.split("/")[:3])
CSRF_HEADERS = {"X-CSRFToken": "your_csrf_token", "Origin": ORIGIN}  # Django checks Origin or Referer under TLS


def code_samples(method: str, path: str, operation: dict[str, Any]) -> list[dict[str, str]]:
    """`x-codeSamples` of an operation; one set of samples for each kind of body."""
    named = list(_calls(method, path, operation))
    return [
        {"lang": lang, "label": label if len(named) == 1 else f"{label}: {name}", "source": write(call)}
        for name, call in named
        for lang, label, write in LANGUAGES
    ]


def _calls(method: str, path: str, operation: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    url, headers = HOST + _url(path, operation), _credential(method, operation)
    answers, page = "204" not in operation["responses"], _page(operation)
    rows = "results" if "results" in page else "data" if page else ""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = content.get("examples")
    if not examples:
        url += "?page_size=100" if rows else ""
        is_feed = bool(page) and "previous" not in page
        yield "", Call(operation["operationId"], method, url, headers, answers=answers, rows=rows, is_feed=is_feed)
        return
    headers = {**headers, "Content-Type": "application/json"}
    for example in examples.values():
        call = Call(operation["operationId"], method, url, headers, example["value"], answers)
        yield example["summary"], call


def _page(operation: dict[str, Any]) -> dict[str, Any]:
    """The example of a page; empty if the answer is no list with pages."""
    if not any(parameter["name"] == "cursor" for parameter in operation.get("parameters", [])):
        return {}
    [example] = operation["responses"]["200"]["content"]["application/json"]["examples"].values()
    return dict(example["value"])


def _url(path: str, operation: dict[str, Any]) -> str:
    """The path with example parameters and required query parameters."""
    query = []
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
        elif parameter["in"] == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={parameter['schema']['enum'][0]}")
    return "?".join([path, *(["&".join(query)] if query else [])])


def _credential(method: str, operation: dict[str, Any]) -> dict[str, str]:
    ways = operation.get("security", [])
    if {} in ways:
        return {}
    if {"ApiKey": []} in ways:
        return KEY_HEADERS
    return COOKIE_HEADERS if method == "GET" else COOKIE_HEADERS | CSRF_HEADERS
