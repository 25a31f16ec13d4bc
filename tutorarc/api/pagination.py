"""Pagination: `{"next", "previous", "results"}` with opaque cursors (docs/contract.md, "Lists")."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Model
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tutorarc.api.exceptions import InvalidParameter
from tutorarc.db import page_tokens
from tutorarc.db.keyset import Window
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.public_url import site_url

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


@dataclass(frozen=True)
class Ordering:
    """Order of a list. `fields` end with a unique one, all in the same direction."""

    fields: tuple[str, ...]
    descending: bool = False

    def cursor_values(self, row: Any) -> tuple[Any, ...]:
        """What a cursor says about the row at its position."""
        return tuple(getattr(row, field) for field in self.fields)

    def position(self, model: type[Model], values: Any) -> tuple[Any, ...]:
        """The values of `fields` at a position. Raises ValueError, TypeError or ValidationError for wrong values."""
        return tuple(clean_value(model, name, value) for name, value in zip(self.fields, values, strict=True))


NEWEST_FIRST = Ordering(("pk",), descending=True)
OLDEST_FIRST = Ordering(("pk",))


class Cursor(NamedTuple):
    """Where a page begins, and in which direction it goes. `inclusive`: with the row at the position itself."""

    position: tuple[Any, ...] | None = None
    backwards: bool = False
    inclusive: bool = False

    @property
    def opposite(self) -> "Cursor":
        """All rows that aren't on this side of the position."""
        return Cursor(self.position, not self.backwards, not self.inclusive)


class KeysetPagination(BasePagination):
    """Keyset pagination. The view gives the ordering (`ordering_of`) and selects the rows (`rows`)."""

    default_size = DEFAULT_PAGE_SIZE
    next: Cursor | None
    previous: Cursor | None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = site_url(request, request.get_full_path())
        self.ordering: Ordering = view.ordering_of(request)
        size = page_size_of(request, self.default_size)
        here = self._read_cursor(request, queryset.model)
        rows = view.rows(queryset, self._window(here, size + 1))
        self.rows = rows[:size][::-1] if here.backwards else rows[:size]
        if self.rows:
            self._link_around(here, more=len(rows) > size)
        else:
            self._link_to_rest(here, view.rows(queryset, self._window(here.opposite, 1)))
        return self.rows

    def _link_to_rest(self, here: Cursor, rest: list[Any]) -> None:
        """The rows of this page are gone: link to those on the other side of its position."""
        self.next = here.opposite if rest and here.backwards else None
        self.previous = here.opposite if rest and not here.backwards else None

    def _link_around(self, here: Cursor, *, more: bool) -> None:
        has_next, has_previous = (True, more) if here.backwards else (more, here.position is not None)
        self.next = Cursor(self.ordering.cursor_values(self.rows[-1])) if has_next else None
        self.previous = Cursor(self.ordering.cursor_values(self.rows[0]), backwards=True) if has_previous else None

    def _window(self, cursor: Cursor, size: int) -> Window:
        descending = self.ordering.descending ^ cursor.backwards
        return Window(self.ordering.fields, descending, size, cursor.position, cursor.inclusive)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_link(), "previous": self.previous_link(), "results": data})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_PAGE_SIZE,
            "default": DEFAULT_PAGE_SIZE,
            "x-unit": "rows",
        }
        cursor = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
        return [
            {"name": "page_size", "in": "query", "schema": size, "description": "The number of rows on a page."},
            {
                "name": "cursor",
                "in": "query",
                "schema": cursor,
                "description": "Opaque: it is part of the addresses in `next` and `previous`.",
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        if isinstance(schema, dict):  # drf-spectacular also passes a placeholder
            schema = schema | {"description": "The rows of this page."}
        properties = {
            "next": link | {"description": "Address of the next page; null on the last one."},
            "previous": link | {"description": "Address of the page before; null on the first one."},
            "results": schema,
        }
        return {"type": "object", "required": list(properties), "properties": properties}

    def next_link(self) -> str | None:
        return self._link(self.next)

    def previous_link(self) -> str | None:
        return self._link(self.previous)

    def _link(self, cursor: Cursor | None) -> str | None:
        if cursor is None:
            return None
        place = [self.ordering.fields, self.ordering.descending, cursor.backwards, cursor.position]
        token = page_tokens.encode([*place, True] if cursor.inclusive else place)
        return replace_query_param(self.url, "cursor", token) if "?" in self.url else f"{self.url}?cursor={token}"

    def _read_cursor(self, request: Request, model: type[Model]) -> Cursor:
        """Raises InvalidParameter for a cursor that isn't ours."""
        if "cursor" not in request.query_params:
            return Cursor()
        try:
            fields, descending, backwards, values, *flags = page_tokens.decode(request.query_params["cursor"])
            inclusive = _is_inclusive(flags)
            position = self.ordering.position(model, values)
        except (ValueError, TypeError, ModelValidationError):
            raise InvalidParameter("cursor", reason=ErrorReason.BAD_CURSOR) from None
        if fields != list(self.ordering.fields) or descending is not self.ordering.descending:
            message = "This cursor belongs to another ordering."
            raise InvalidParameter("cursor", message, reason=ErrorReason.BAD_CURSOR)
        return Cursor(position, backwards is True, inclusive)


def _is_inclusive(flags: list[Any]) -> bool:
    """Raises ValueError unless the flags are `[]` or `[true]`; 1 is no boolean."""
    match flags:
        case []:
            return False
        case [True]:
            return True
    raise ValueError("flags")


def clean_value(model: type[Model], name: str, value: Any) -> Any:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(value, str | int) or "\0" in str(value):
        raise ValueError(name)
    return field.clean(value, None)  # type: ignore[union-attr]


def page_size_of(request: Request, default: int = DEFAULT_PAGE_SIZE) -> int:
    given = request.query_params.get("page_size")
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= MAX_PAGE_SIZE):
        raise InvalidParameter("page_size", f"Give a whole number of rows from 1 to {MAX_PAGE_SIZE}.")
    return int(given)
