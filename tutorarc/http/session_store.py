"""Django's database sessions, without queries for malformed session cookies."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Django checks only the length, and PostgreSQL refuses NUL characters."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[misc]
