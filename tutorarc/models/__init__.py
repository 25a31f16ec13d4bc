"""Models of the project itself. Django looks for them here."""

from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.models.known_browser import KnownBrowser
from tutorarc.models.security_event import SecurityEvent, SecurityEventKind
from tutorarc.models.user import User

__all__ = ["IdempotentReply", "KnownBrowser", "SecurityEvent", "SecurityEventKind", "User"]
