"""Static files, served from memory."""

import gzip
from contextlib import suppress
from functools import cached_property
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]
from whitenoise.responders import NOT_ALLOWED_RESPONSE, Response, StaticFile  # type: ignore[import-untyped]

TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")
SOURCE_MAPS = ".map"  # several megabytes, for the authors of the scripts


class MemoryFile(StaticFile):
    """A file that stays as it was when the process started, compressed where the browser accepts it."""

    def __init__(self, path: str, *args: Any, **options: Any) -> None:
        super().__init__(path, *args, **options)
        self.content = Path(path).read_bytes()
        _, _, headers = self.alternatives[-1]  # the uncompressed one
        self.headers = list(headers)
        self.is_text = str(Headers(self.headers)["Content-Type"]).startswith(TEXT)

    @cached_property
    def compressed(self) -> tuple[bytes, list[tuple[str, str]]]:
        """Made for the first browser that accepts it: not every process has to compress every file."""
        content, headers = gzip.compress(self.content, mtime=0), Headers(self.headers.copy())
        headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(content))
        return content, headers.items()

    def get_response(self, method: str, request_headers: dict[str, Any]) -> Response:
        if method not in ("GET", "HEAD"):
            return NOT_ALLOWED_RESPONSE
        if self.is_not_modified(request_headers):
            return self.not_modified_response
        content, headers = self._content_for(request_headers.get("HTTP_ACCEPT_ENCODING", ""))
        file = BytesIO(content) if method == "GET" else None
        if asked := request_headers.get("HTTP_RANGE"):
            with suppress(ValueError):  # an unreadable range is ignored
                return self.get_range_response(asked, headers, file)
        return Response(HTTPStatus.OK, headers, file)

    def _content_for(self, accepted: str) -> tuple[bytes, list[tuple[str, str]]]:
        return self.compressed if self.is_text and "gzip" in accepted else (self.content, self.headers)


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise with `MemoryFile`. In debug mode the files are read from disk for each request, as WhiteNoise does."""

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        if not path.endswith(SOURCE_MAPS):
            super().add_file_to_dictionary(url, path, stat_cache)

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        if self.autorefresh:
            return super().get_static_file(path, url, stat_cache)
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        headers["Vary"] = "Accept-Encoding"
        return MemoryFile(path, headers.items(), stat_cache=stat_cache)
