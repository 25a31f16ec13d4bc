"""Code samples of the API reference: every call in cURL, JavaScript, TypeScript and Python."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.conf import settings

HOST = settings.PUBLIC_URL or "http://localhost:8000"  # the reference replaces the latter by the page's own address
KEY_HEADERS = {"X-API-Key": "your_api_key_here"}
COOKIE_HEADERS = {
    "Cookie": f"{settings.SESSION_COOKIE_NAME}=your_session_id; {settings.CSRF_COOKIE_NAME}=your_csrf_token"
}
ORIGIN = "/".join(HOST.split("/")[:3])
CSRF_HEADERS = {"X-CSRFToken": "your_csrf_token", "Origin": ORIGIN}  # Django checks Origin or Referer under TLS

PYTHON_WORDS = {True: "True", False: "False", None: "None"}
SCRIPT_WORDS = {True: "true", False: "false", None: "null"}
SCRIPT_TYPES: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}


class Call(NamedTuple):
    """One request. `name` is the operation id; `answers` whether the response has a body."""

    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None
    answers: bool = True


def curl(call: Call) -> str:
    lines = [f'curl -X {call.method} "{call.url}"']
    lines += [f'-H "{name}: {value}"' for name, value in call.headers.items()]
    if call.body is not None:
        text = json.dumps(call.body, indent=2, ensure_ascii=False)
        lines.append("-d '" + text.replace("'", "'\\''") + "'")
    return " \\\n  ".join(lines)


def javascript(call: Call) -> str:
    options = _options(call, f"JSON.stringify({_script(call.body, 1)})")
    read, show = ("response.json()", "data") if call.answers else ("response.status", "status")
    return f"fetch({options})\n  .then(response => {read})\n  .then({show} => console.log({show}));"


def typescript(call: Call) -> str:
    """A reusable function with the type of its argument."""
    data = f"{call.name[0].upper()}{call.name[1:]}Data"
    parts = []
    if call.body is not None:
        fields = "".join(f"  {name}: {_type(value)};\n" for name, value in call.body.items())
        parts.append(f"interface {data} {{\n{fields}}}\n")
    options = _options(call, "JSON.stringify(data)").replace("\n", "\n  ")
    parts.append(
        f"const {call.name} = async ({f'data: {data}' if call.body is not None else ''}) => {{\n"
        f"  const response = await fetch({options});\n\n"
        f"  return {'response.json()' if call.answers else 'response.status'};\n}};"
    )
    return "\n".join(parts)


def python(call: Call) -> str:
    parts = ["import requests", f'url = "{call.url}"']
    arguments = "url"
    for keyword, name, value in (("headers", "headers", call.headers), ("json", "payload", call.body)):
        if value:
            parts.append(f"{name} = {_literal(value, 4, PYTHON_WORDS, json.dumps)}")
            arguments += f", {keyword}={name}"
    parts.append(f"response = requests.{call.method.lower()}({arguments})")
    parts.append(f"print(response.{'json()' if call.answers else 'status_code'})")
    return "\n\n".join(parts)


LANGUAGES: list[tuple[str, str, Callable[[Call], str]]] = [
    ("bash", "cURL", curl),
    ("javascript", "JavaScript", javascript),
    ("typescript", "TypeScript", typescript),
    ("python", "Python", python),
]


def code_samples(method: str, path: str, operation: dict[str, Any]) -> list[dict[str, str]]:
    """`x-codeSamples` of an operation; one set of samples for each kind of body."""
    named = list(_calls(method, path, operation))
    return [
        {"lang": lang, "label": label if len(named) == 1 else f"{label}: {name}", "source": write(call)}
        for name, call in named
        for lang, label, write in LANGUAGES
    ]


def _calls(method: str, path: str, operation: dict[str, Any]) -> Iterator[tuple[str, Call]]:
    url, headers = HOST + _address(path, operation), _credential(method, operation)
    answers = "204" not in operation["responses"]
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = content.get("examples")
    if not examples:
        yield "", Call(operation["operationId"], method, url, headers, answers=answers)
        return
    headers = {**headers, "Content-Type": "application/json"}
    for example in examples.values():
        call = Call(operation["operationId"], method, url, headers, example["value"], answers)
        yield example["summary"], call


def _address(path: str, operation: dict[str, Any]) -> str:
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


def _options(call: Call, body: str) -> str:
    """Arguments of `fetch`."""
    options = [f'method: "{call.method}"']
    if call.headers:
        options.append(f"headers: {_literal(call.headers, 2, SCRIPT_WORDS, json.dumps, 1)}")
    if call.body is not None:
        options.append(f"body: {body}")
    return f'"{call.url}", {{\n  ' + ",\n  ".join(options) + "\n}"


def _script(value: Any, depth: int) -> str:
    return _literal(value, 2, SCRIPT_WORDS, lambda name: name if name.isidentifier() else json.dumps(name), depth)


def _literal(value: Any, indent: int, words: dict[Any, str], key: Callable[[str], str], depth: int = 0) -> str:
    """A JSON value as JavaScript or Python source code."""
    if value is None or isinstance(value, bool):
        return words[value]
    if not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        inner = [f"{key(name)}: {_literal(item, indent, words, key, depth + 1)}" for name, item in value.items()]
    else:
        inner = [_literal(item, indent, words, key, depth + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    margin = " " * indent * depth
    lines = ",\n".join(f"{margin}{' ' * indent}{item}" for item in inner)
    return f"{opening}\n{lines}\n{margin}{closing}" if inner else opening + closing


def _type(value: Any) -> str:
    if isinstance(value, list):
        return f"{_type(value[0])}[]" if value else "unknown[]"
    return SCRIPT_TYPES.get(type(value), "unknown")
