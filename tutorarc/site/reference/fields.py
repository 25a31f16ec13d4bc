"""Field tables of the reference: what a schema says about its fields, in words."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tutorarc.api.views import openapi_document
from tutorarc.site.reference.contents import page_of_object
from tutorarc.site.reference.text import inline_html

Schema = dict[str, Any]

FORMATS = {"date-time": "time", "uri": "URL", "email": "e-mail address"}
PLURALS = {"string": "strings", "integer": "numbers", "id": "ids"}


class Field(NamedTuple):
    """A row of a field table. `link` leads to the object that its values are."""

    name: str
    type: str
    is_required: bool
    meaning: str  # HTML
    limits: str = ""  # with their units
    values: tuple[str, ...] = ()
    link: str = ""


def component(reference: str) -> Schema:
    return openapi_document()["components"]["schemas"][reference.rpartition("/")[2]]


def resolved(schema: Schema) -> Schema:
    """The schema with what it refers to. Its own words come before those of the other."""
    inner = schema.get("allOf", [{}])[0] | ({"$ref": schema["$ref"]} if "$ref" in schema else {})
    return component(inner["$ref"]) | {"name": inner["$ref"].rpartition("/")[2]} | schema if "$ref" in inner else schema


def fields_of(schema: Schema, prefix: str = "") -> Iterator[Field]:
    """A row for each field, and for those of objects within, unless these are described on a page of their own."""
    required = schema.get("required", [])
    for name, part in schema.get("properties", {}).items():
        value = resolved(part)
        yield field(prefix + name, value, value.get("description", ""), required=name in required)
        one = item_of(value)
        if not page_of_object(one.get("name", "")):
            yield from fields_of(one, f"{prefix}{name}{'[]' if one is not value else ''}.")


def field(name: str, schema: Schema, meaning: str, *, required: bool) -> Field:
    schema = resolved(schema)
    one = item_of(schema)
    target = one.get("name", "")
    slug, words = page_of_object(target), inline_html(meaning)
    values = tuple(map(str, one.get("enum", ())))
    return Field(name, type_of(schema), required, words, limits_of(schema), values, f"{slug}#{target}" if slug else "")


def item_of(schema: Schema) -> Schema:
    """The items of an array, or the value itself."""
    return resolved(schema["items"]) if "items" in schema else schema


def type_of(schema: Schema) -> str:
    types = schema.get("type", "object")
    plain = [types] if isinstance(types, str) else [each for each in types if each != "null"]
    return _word(schema, plain[0]) + (" or null" if types != plain[0] and "null" in types else "")


def _word(schema: Schema, plain: str) -> str:
    if plain == "array":
        item = type_of(resolved(schema["items"]))
        return f"array of {PLURALS.get(item.partition(',')[0], item)}"
    if plain == "object" and page_of_object(schema.get("name", "")):
        return schema["name"]
    if prefix := _prefix_of_id(schema):
        return f"id, {prefix}_…"
    return FORMATS.get(schema.get("format", ""), plain)


def _prefix_of_id(schema: Schema) -> str:
    """Of the pattern of an id, such as `^cls_[0-9a-z]+$`."""
    pattern = schema.get("pattern", "")
    return pattern[1:].partition("_[")[0] if pattern.endswith("_[0-9a-z]+$") else ""


def limits_of(schema: Schema) -> str:
    """Limits with their units, and the default. Patterns are for programs."""
    limits = [
        _range(schema.get("minLength"), schema.get("maxLength"), "characters"),
        _range(schema.get("minItems"), schema.get("maxItems"), schema.get("x-unit", "items")),
        _range(schema.get("minimum"), schema.get("maximum"), schema.get("x-unit", "")),
        f"default {schema['default']}" if "default" in schema else "",
    ]
    return ", ".join(filter(None, limits))


def _range(least: int | None, most: int | None, unit: str) -> str:
    if most is None:
        return ""
    words = f"{least:,} to {most:,}" if least is not None else f"at most {most:,}"
    return f"{words} {unit}".strip()
