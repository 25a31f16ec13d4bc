"""Models of the project itself. Django looks for them here."""

from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.models.user import User

__all__ = ["IdempotentReply", "User"]
