"""The response with the file of an export."""

from collections.abc import Iterator
from itertools import chain

from cryptography.fernet import InvalidToken
from django.http import HttpRequest, StreamingHttpResponse

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.exports.models import DataExport
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import SecurityEvent, SecurityEventKind


class Unreadable(Conflict):
    reason = "export_unreadable"
    message = "This export can’t be read any more, as the server’s secret key was changed. Make a new one."


def download(request: HttpRequest, export: DataExport) -> StreamingHttpResponse:
    """The file, some of it in memory at a time. Raises Unreadable."""
    parts = _readable(export)
    SecurityEvent.objects.record(SecurityEventKind.DATA_DOWNLOADED, user=export.user, by=Actor(signed_in_user(request)))
    name = f"tutorarc-data-{export.asked_at:%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(export.size)}
    return StreamingHttpResponse(parts, content_type="application/zip", headers=headers)


def _readable(export: DataExport) -> Iterator[bytes]:
    parts = export.read()
    try:
        first = next(parts, b"")
    except InvalidToken:
        raise Unreadable() from None
    return chain([first], parts)
