"""Models of the project itself. Django looks for them here."""

from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.models.security_event import SecurityEvent, SecurityEventKind
from tutorarc.models.user import User

__all__ = ["IdempotentReply", "SecurityEvent", "SecurityEventKind", "User"]
