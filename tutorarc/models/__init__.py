"""Models of the project itself. Django looks for them here."""

from tutorarc.models.bulk_change import BulkChange
from tutorarc.models.event import Event
from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.models.known_browser import KnownBrowser
from tutorarc.models.limit_count import LimitCount
from tutorarc.models.note import Note
from tutorarc.models.security_event import SecurityEvent, SecurityEventKind
from tutorarc.models.user import User

__all__ = [
    "BulkChange",
    "Event",
    "IdempotentReply",
    "KnownBrowser",
    "LimitCount",
    "Note",
    "SecurityEvent",
    "SecurityEventKind",
    "User",
]
