from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404

from sessions.models import LiveSession, session_with_role


def session_for(user: Any, session_id: str) -> LiveSession:
    """The session with its class and the user's role in that class. Raises Http404, also for a malformed id."""
    try:
        found = session_with_role(session_id=session_id, user_id=user.pk)
    except ValidationError:
        found = []
    if not found:
        raise Http404
    return found[0]
