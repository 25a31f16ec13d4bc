"""Django's sessions in the database, where a cookie that can be no session's isn't looked up."""

from typing import Any

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Django looks at the length alone, and PostgreSQL takes no NUL, which a quoted cookie may hold."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[misc]
