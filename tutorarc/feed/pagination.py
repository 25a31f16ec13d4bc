from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from tutorarc.api.exceptions import InvalidParameter
from tutorarc.api.pagination import Cursor, KeysetPagination, Ordering, page_size_of
from tutorarc.api.schema.code_samples import HOST
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.public_url import site_url

BY_POSITION = Ordering(("position",))
LATEST_FIRST = Ordering(("position",), descending=True)
BEGINNING = Cursor((0,))


class FeedPagination(KeysetPagination):
    """`{"next", "results"}`: `next` is always there, so that a poller goes on from it."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.url = site_url(request, request.get_full_path())
        self.ordering = BY_POSITION
        size = page_size_of(request)
        here = self._read_cursor(request, queryset.model)
        if here.backwards or here.inclusive:
            raise InvalidParameter("cursor", reason=ErrorReason.BAD_CURSOR)
        here = here if here.position else BEGINNING
        self.rows, end = view.rows_and_end(queryset, self._window(here, size))
        self.next = Cursor((end,))
        return self.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next_link(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        link = {
            "type": "string",
            "format": "uri",
            "example": f"{HOST}/api/v1/events?cursor=W1sicG9zaXRpb24iXV0",
            "description": "Address of the events after these, also of those that are still to come.",
        }
        properties = {"next": link, "results": page["properties"]["results"]}
        return page | {"required": list(properties), "properties": properties}


class HistoryPagination(KeysetPagination):
    """Pages of a class's history: the latest events first."""

    default_size = 50
