"""Sessions in the database. A sign-in ends when it was idle for too long, and at the latest after MAX_SIGN_IN_AGE.

The column `expire_date` holds that moment, so that an ended sign-in is found by nobody and is deleted by `prune`. It is
moved on while the sign-in is used, at most once every few minutes.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.dispatch import receiver
from django.utils import timezone

from tutorarc.db.outage import is_outage
from tutorarc.http.hashed_sessions import HashedSessionStore
from tutorarc.http.summary_log import SummaryLog
from tutorarc.models import User

STARTED = "_signed_in_at"  # seconds since 1970
WITHOUT_SIGN_IN = timedelta(days=1)  # how long a session without a user is kept
RENEWED_AFTER = timedelta(minutes=5)
unwritable = SummaryLog(logging.getLogger("tutorarc.sessions"))


class SessionStore(HashedSessionStore):
    ends_at: datetime | None = None  # of the loaded row
    lost_key: str | None = None  # the key of the cookie, if there is no such session or it has ended

    def _validate_session_key(self, key: Any) -> bool:
        """Django checks only the length, and PostgreSQL refuses NUL characters."""
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()  # type: ignore[misc]

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key
        row: Session | None = super()._get_session_from_db()
        if row is None:
            self.lost_key = key
        else:
            self.ends_at = row.expire_date
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.expire_date = self.ends_at or timezone.now() + WITHOUT_SIGN_IN
        return row

    def flush(self) -> None:
        super().flush()
        self.ends_at = None

    def lost_content(self) -> dict[str, Any]:
        """The content of the cookie's session, which has ended. Empty if it was deleted."""
        row = self.model.objects.filter(session_key=self.lost_key).first()
        return self.decode(row.session_data) if row else {}

    def begin_sign_in(self, idle: timedelta) -> None:
        """Start the time of a new sign-in, which may be idle for so long."""
        now = timezone.now()
        self[STARTED] = int(now.timestamp())
        self.ends_at = min(now + idle, now + settings.MAX_SIGN_IN_AGE)

    def renew_sign_in(self, idle: timedelta) -> bool:
        """Note that the sign-in is used now. Returns whether that was stored, which happens every few minutes."""
        if STARTED not in self:  # it began in a version without idle limits
            self.begin_sign_in(idle)
            return True
        end = min(timezone.now() + idle, self._longest())
        if self.ends_at is None or end - self.ends_at < min(RENEWED_AFTER, idle / 4):
            return False
        return self._move_end(end)

    def _longest(self) -> datetime:
        return datetime.fromtimestamp(self[STARTED], UTC) + settings.MAX_SIGN_IN_AGE

    def _move_end(self, end: datetime) -> bool:
        """Returns whether it was moved: the request goes on if the database can't be written to."""
        try:
            self.model.objects.filter(session_key=self.session_key).update(expire_date=end)
        except DatabaseError as error:
            if not is_outage(error):
                raise
            unwritable.note("The end of a sign-in could not be moved: %s", error)
            return False
        self.ends_at = end
        return True


def idle_limit_of(user: User) -> timedelta:
    limit: timedelta = settings.STAFF_IDLE_LIMIT if user.is_staff else settings.IDLE_LIMIT
    return limit


@receiver(user_logged_in)
def begin_sign_in(request: Any, user: User, **signal: Any) -> None:
    request.session.begin_sign_in(idle_limit_of(user))
