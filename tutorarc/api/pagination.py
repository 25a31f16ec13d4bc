"""Pagination: `{"next", "previous", "results"}` with opaque cursors (docs/contract.md, "Lists")."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.db.models import Model
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from tutorarc.api.exceptions import InvalidParameter
from tutorarc.db import page_tokens
from tutorarc.db.keyset import Window
from tutorarc.http.error_format import ErrorReason
from tutorarc.http.public_url import site_url

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


@dataclass(frozen=True)
class Ordering:
    """Order of a list. `fields` end with a unique one, all in the same direction."""

    fields: tuple[str, ...]
    descending: bool = False


NEWEST_FIRST = Ordering(("pk",), descending=True)
OLDEST_FIRST = Ordering(("pk",))


class KeysetPagination(BasePagination):
    """Keyset pagination. The view gives the ordering (`ordering_of`) and selects the rows (`rows`)."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = site_url(request, request.get_full_path())
        self.ordering: Ordering = view.ordering_of(request)
        size = _page_size(request)
        backwards, position = self._read_cursor(request, queryset.model)
        window = Window(self.ordering.fields, self.ordering.descending ^ backwards, size + 1, position)
        rows = view.rows(queryset, window)
        more = len(rows) > size
        self.rows = rows[:size][::-1] if backwards else rows[:size]
        self.has_next = backwards or more
        self.has_previous = more if backwards else position is not None
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_link(), "previous": self.previous_link(), "results": data})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE}
        cursor = {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}
        return [
            {"name": "page_size", "in": "query", "schema": size, "description": "Rows on a page."},
            {"name": "cursor", "in": "query", "schema": cursor, "description": "Opaque: taken from next or previous."},
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri", "example": None}
        return {
            "type": "object",
            "additionalProperties": False,
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def next_link(self) -> str | None:
        return self._link(self.rows[-1], backwards=False) if self.has_next and self.rows else None

    def previous_link(self) -> str | None:
        return self._link(self.rows[0], backwards=True) if self.has_previous and self.rows else None

    def _link(self, row: Model, *, backwards: bool) -> str:
        place = [list(self.ordering.fields), self.ordering.descending, backwards]
        place.append([getattr(row, field) for field in self.ordering.fields])
        cursor = page_tokens.encode(place)
        return replace_query_param(self.url, "cursor", cursor) if "?" in self.url else f"{self.url}?cursor={cursor}"

    def _read_cursor(self, request: Request, model: type[Model]) -> tuple[bool, tuple[Any, ...] | None]:
        """Direction and position of a cursor. Raises ValidationError for a cursor that isn't ours."""
        if "cursor" not in request.query_params:
            return False, None
        try:
            fields, descending, backwards, values = page_tokens.decode(request.query_params["cursor"])
            position = tuple(
                _clean(model, name, value) for name, value in zip(self.ordering.fields, values, strict=True)
            )
        except (ValueError, TypeError, ModelValidationError):
            raise InvalidParameter("cursor", reason=ErrorReason.BAD_CURSOR) from None
        if fields != list(self.ordering.fields) or descending is not self.ordering.descending:
            message = "This cursor belongs to another ordering."
            raise InvalidParameter("cursor", message, reason=ErrorReason.BAD_CURSOR)
        return backwards is True, position


def _clean(model: type[Model], name: str, value: Any) -> Any:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if value is None or "\0" in str(value):
        raise ValueError(name)
    return field.clean(value, None)  # type: ignore[union-attr]


def _page_size(request: Request) -> int:
    given = request.query_params.get("page_size")
    if given is None:
        return DEFAULT_PAGE_SIZE
    if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= MAX_PAGE_SIZE):
        raise InvalidParameter("page_size", f"page_size must be a whole number from 1 to {MAX_PAGE_SIZE}.")
    return int(given)
