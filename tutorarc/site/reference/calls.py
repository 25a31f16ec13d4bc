"""What the reference shows of a call, taken from its operation in the OpenAPI document."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from tutorarc.api.views import openapi_document
from tutorarc.site.reference.contents import Operation, Task, operations, operations_of, page_of_object
from tutorarc.site.reference.fields import Field, Schema, component, field, fields_of, resolved
from tutorarc.site.reference.parts import Answer, Call, Example, FieldTable, Object, Received, Refusal, Sample, Samples
from tutorarc.site.reference.text import highlighted, html, inline_html

PLACES = {"path": "Path parameters", "query": "Query parameters"}
KEY = Field("X-API-Key", "string", True, "Your API key, as it is.")
COOKIE = Field("Cookie", "string", True, "The session of a signed-in user. Browsers send it by themselves.")
CONTENT_TYPE = Field("Content-Type", "string", True, inline_html("`application/json`"))
JSON = "application/json"


def received_by(task: Task) -> list[Received]:
    return [_received(openapi_document()["webhooks"][name]["post"]) for name in task.receives]


def _received(described: dict[str, Any]) -> Received:
    content = described["requestBody"]["content"][JSON]
    name = resolved(content["schema"])["name"]
    [example] = content["examples"].values()
    return Received(
        name=described["operationId"],
        title=described["summary"],
        about=html(described["description"]),
        headers=FieldTable("Headers", _parameters_in(described, "header")),
        body=name,
        link=f"{page_of_object(name)}#{name}",
        answers=[(status, answer["description"]) for status, answer in described["responses"].items()],
        example=_json(example["value"]),
    )


def calls_of(task: Task) -> list[Call]:
    return [call_of(operation) for operation in operations_of(task)]


def call_of(operation: Operation) -> Call:
    described = operation.described
    about, _, rest = described["description"].rpartition("\n\n**Who:** ")
    who, _, scope = rest.partition(" **Scope:** ")
    return Call(
        name=operation.name,
        method=operation.method,
        path=operation.path,
        title=described["summary"],
        about=html(about),
        who=who.removesuffix("."),
        scope=inline_html(scope.removesuffix(".")),
        is_deprecated=described.get("deprecated", False),
        tables=[*_parameters(described, "path", "query"), *_bodies(described), _headers(described)],
        answers=[_answer(int(status), response) for status, response in _responses(described, "2")],
        refusals=list(_refusals(described)),
        samples=list(_samples(operation)),
        examples=list(_examples(described)),
    )


def objects_of(task: Task) -> list[Object]:
    return [_object(name) for name in task.objects]


def _object(name: str) -> Object:
    schema = component(name)
    return Object(name, inline_html(schema.get("description", "")), list(fields_of(schema)), _json(_example_of(name)))


def _example_of(name: str) -> Any:
    """The first example of this object in an answer, preferably to a GET; alone, in an envelope or in a list."""
    required = set(component(name)["required"])
    for operation in sorted(operations().values(), key=lambda one: one.method != "GET"):
        for _, value in _example_values(operation.described):
            if required <= (part := _without_envelope(value)).keys():
                return part
    raise LookupError(f"No answer has an example of {name}.")


def _without_envelope(value: Any) -> dict[str, Any]:
    inner: Any = value.get("data", value.get("results", value)) if isinstance(value, dict) else value
    return inner[0] if isinstance(inner, list) else inner


def _parameters(described: dict[str, Any], *places: str) -> Iterator[FieldTable]:
    for place in places:
        if rows := _parameters_in(described, place):
            yield FieldTable(PLACES[place], rows)


def _parameters_in(described: dict[str, Any], place: str) -> list[Field]:
    found = [parameter for parameter in described.get("parameters", []) if parameter["in"] == place]
    return [field(one["name"], one["schema"], one["description"], required=one.get("required", False)) for one in found]


def _headers(described: dict[str, Any]) -> FieldTable:
    """The credential, the media type of a body, and parameters that are headers."""
    ways = described["security"]
    credential = KEY if {"ApiKey": []} in ways else COOKIE
    rows = [credential._replace(is_required={} not in ways)]
    rows += [CONTENT_TYPE] if any(_bodies(described)) else []
    return FieldTable("Headers", rows + _parameters_in(described, "header"))


def _bodies(described: dict[str, Any]) -> Iterator[FieldTable]:
    """A table for each kind of body."""
    schema = resolved(described.get("requestBody", {}).get("content", {}).get(JSON, {}).get("schema", {}))
    kinds: list[Schema] = [resolved(kind) for kind in schema.get("oneOf", [schema])]
    for kind in kinds:
        if kind.get("properties"):
            about = kind.get("description", "").rstrip(".")
            title = f"Body: {about[0].lower()}{about[1:]}" if len(kinds) > 1 else "Body"
            yield FieldTable(title, list(fields_of(kind)), "" if len(kinds) > 1 else about)


def _responses(described: dict[str, Any], family: str) -> list[tuple[str, dict[str, Any]]]:
    return [(status, response) for status, response in described["responses"].items() if status[0] == family]


def _answer(status: int, response: dict[str, Any]) -> Answer:
    schema = response.get("content", {}).get(JSON, {}).get("schema", {})
    item = resolved(schema.get("items", schema))
    name = item.get("name", "")
    slug = page_of_object(name)
    fields = [] if slug else list(fields_of(item))
    words = f"array of {name}" if "items" in schema else name
    headers = {name: header["description"] for name, header in response["headers"].items() if name == "Location"}
    return Answer(status, HTTPStatus(status).phrase, words, f"{slug}#{name}" if slug else "", fields, headers)


def _refusals(described: dict[str, Any]) -> Iterator[Refusal]:
    """The responses of this call only. Those that all calls share are documented once."""
    for status, response in _responses(described, "4"):
        for reason, example in response.get("content", {}).get(JSON, {}).get("examples", {}).items():
            yield Refusal(int(status), reason, example["value"]["error"]["message"])


def _samples(operation: Operation) -> Iterator[Samples]:
    groups: dict[str, list[Sample]] = {}
    for number, sample in enumerate(operation.described["x-codeSamples"]):
        label, _, title = sample["label"].partition(": ")
        code = highlighted(sample["source"], sample["lang"])
        groups.setdefault(title, []).append(Sample(f"{operation.name}-{number}", sample["lang"], label, code))
    for title, samples in groups.items():
        yield Samples(title, samples)


def _examples(described: dict[str, Any]) -> Iterator[Example]:
    for status, value in _example_values(described):
        yield Example(f"{status} {HTTPStatus(status).phrase}", _json(value))


def _example_values(described: dict[str, Any]) -> Iterator[tuple[int, Any]]:
    """The examples of successful answers, with their statuses."""
    for status, response in _responses(described, "2"):
        for example in response.get("content", {}).get(JSON, {}).get("examples", {}).values():
            yield int(status), example["value"]


def _json(value: Any) -> str:
    return highlighted(json.dumps(value, indent=2, ensure_ascii=False), "json")


def words_to_find(operation: Operation) -> str:
    """What the search of the sidebar looks through, beside the title."""
    parameters = [parameter["name"] for parameter in operation.described.get("parameters", [])]
    bodies = [row.name for table in _bodies(operation.described) for row in table.fields]
    reasons = [refusal.reason for refusal in _refusals(operation.described)]
    return " ".join([operation.name, operation.method, operation.path, *parameters, *bodies, *reasons])
