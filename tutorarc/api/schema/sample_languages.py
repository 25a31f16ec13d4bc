"""One call of the API as source code: cURL, JavaScript, TypeScript and Python."""

import json
from collections.abc import Callable
from textwrap import indent
from typing import Any, NamedTuple

PYTHON_WORDS = {True: "True", False: "False", None: "None"}
SCRIPT_WORDS = {True: "true", False: "false", None: "null"}
SCRIPT_TYPES: dict[type, str] = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}


class Call(NamedTuple):
    """One request. `name` is the operation id; `rows` the field of a list's rows; `answers` whether there is a body.

    `is_feed`: a list that has no last page. Its end, for now, is where `next` is the address that was asked for.
    """

    name: str
    method: str
    url: str
    headers: dict[str, str]
    body: dict[str, Any] | None = None
    answers: bool = True
    rows: str = ""
    is_feed: bool = False


JS_ERROR = "throw new Error(`${response.status} ${error.reason}: ${error.message}`);"
JS_CHECK = f"""
async function checked(response) {{
  if (response.ok) return response;
  const {{ error }} = await response.json();
  {JS_ERROR}
}}"""
JS_PAGES = f"""
async function* rows(url) {{
  while (url) {{
    const response = await fetch(url, {{ headers }});
    const page = await response.json();
    const {{ error }} = page;
    if (error) {JS_ERROR}
    yield* page.ROWS;
    url = page.next;
  }}
}}

for await (const row of rows("URL")) console.log(row);"""
JS_FEED = f"""
let url = "URL";
for (;;) {{
  const response = await fetch(url, {{ headers }});
  const page = await response.json();
  const {{ error }} = page;
  if (error) {JS_ERROR}
  for (const row of page.ROWS) console.log(row);
  if (page.next === url) break;
  url = page.next;
}}
console.log(`Go on later from ${{url}}`);"""
TS_CHECK = f"""
  if (!response.ok) {{
    const {{ error }} = await response.json();
    {JS_ERROR}
  }}
"""
PYTHON_CHECK = """
if not response.ok:
    error = response.json()["error"]
    raise SystemExit(f"{response.status_code} {error['reason']}: {error['message']}")
"""


def curl(call: Call) -> str:
    lines = [f'curl -X {call.method} "{call.url}"', "--fail-with-body"]
    lines += [f'-H "{name}: {value}"' for name, value in call.headers.items()]
    if call.body is not None:
        text = json.dumps(call.body, indent=2, ensure_ascii=False)
        lines.append("-d '" + text.replace("'", "'\\''") + "'")
    end = "it is the one that you asked for: keep it, and go on later" if call.is_feed else "it is null"
    more = f'\n# Then the address in "next" of the answer, until {end}.' if call.rows else ""
    return " \\\n  ".join(lines) + more


def javascript(call: Call) -> str:
    if call.rows:
        pages = JS_FEED if call.is_feed else JS_PAGES
        return _script_headers(call) + pages.replace("URL", call.url).replace("ROWS", call.rows)
    options = _options(call, f"JSON.stringify({_script(call.body, 1)})")
    read, show = ("response.json()", "data") if call.answers else ("response.status", "status")
    steps = ["checked", f"response => {read}", f"{show} => console.log({show})"]
    return f"fetch({options})" + "".join(f"\n  .then({step})" for step in steps) + f";\n{JS_CHECK}"


def typescript(call: Call) -> str:
    """A reusable function with the type of its argument."""
    if call.rows:
        return _typescript_pages(call)
    data = f"{call.name[0].upper()}{call.name[1:]}Data"
    parts = []
    if call.body is not None:
        fields = "".join(f"  {name}: {_type(value)};\n" for name, value in call.body.items())
        parts.append(f"interface {data} {{\n{fields}}}\n")
    options = _options(call, "JSON.stringify(data)").replace("\n", "\n  ")
    parts.append(
        f"const {call.name} = async ({f'data: {data}' if call.body is not None else ''}) => {{\n"
        f"  const response = await fetch({options});{TS_CHECK}\n"
        f"  return {'response.json()' if call.answers else 'response.status'};\n}};"
    )
    return "\n".join(parts)


def _typescript_pages(call: Call) -> str:
    if call.is_feed:
        return _typescript_feed(call)
    return f"""{_script_headers(call)}
const {call.name} = async () => {{
  const rows: unknown[] = [];
  let url: string | null = "{call.url}";
  while (url) {{
    const response: Response = await fetch(url, {{ headers }});{TS_CHECK.replace(chr(10), chr(10) + "  ").rstrip()}
    const page: {{ {call.rows}: unknown[]; next: string | null }} = await response.json();
    rows.push(...page.{call.rows});
    url = page.next;
  }}

  return rows;
}};"""


def _typescript_feed(call: Call) -> str:
    return f"""{_script_headers(call)}
const {call.name} = async (url = "{call.url}") => {{
  const rows: unknown[] = [];
  for (;;) {{
    const response: Response = await fetch(url, {{ headers }});{TS_CHECK.replace(chr(10), chr(10) + "  ").rstrip()}
    const page: {{ {call.rows}: unknown[]; next: string }} = await response.json();
    rows.push(...page.{call.rows});
    if (page.next === url) return {{ rows, next: url }};
    url = page.next;
  }}
}};"""


def python(call: Call) -> str:
    parts = ["import requests", f'url = "{call.url}"']
    arguments = "url"
    for keyword, name, value in (("headers", "headers", call.headers), ("json", "payload", call.body)):
        if value:
            parts.append(f"{name} = {_literal(value, 4, PYTHON_WORDS, json.dumps)}")
            arguments += f", {keyword}={name}"
    send = f"response = requests.{call.method.lower()}({arguments}){PYTHON_CHECK}"
    if call.rows:
        pages = _python_feed if call.is_feed else _python_pages
        return "\n\n".join([*parts, pages(send, call.rows)])
    return "\n\n".join([*parts, send]) + f"print(response.{'json()' if call.answers else 'status_code'})"


def _python_pages(send: str, rows: str) -> str:
    page = f'{send}page = response.json()\nfor row in page["{rows}"]:\n    print(row)\nurl = page["next"]'
    return "while url:\n" + indent(page, "    ")


def _python_feed(send: str, rows: str) -> str:
    page = f'{send}page = response.json()\nfor row in page["{rows}"]:\n    print(row)\n'
    end = 'if page["next"] == url:\n    break\nurl = page["next"]'
    return f'while True:\n{indent(page + end, "    ")}\n\nprint(f"Go on later from {{url}}")'


LANGUAGES: list[tuple[str, str, Callable[[Call], str]]] = [
    ("bash", "cURL", curl),
    ("javascript", "JavaScript", javascript),
    ("typescript", "TypeScript", typescript),
    ("python", "Python", python),
]


def _options(call: Call, body: str) -> str:
    """Arguments of `fetch`."""
    options = [f'method: "{call.method}"']
    if call.headers:
        options.append(f"headers: {_literal(call.headers, 2, SCRIPT_WORDS, json.dumps, 1)}")
    if call.body is not None:
        options.append(f"body: {body}")
    return f'"{call.url}", {{\n  ' + ",\n  ".join(options) + "\n}"


def _script_headers(call: Call) -> str:
    return f"const headers = {_literal(call.headers, 2, SCRIPT_WORDS, json.dumps)};\n"


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
