from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404

from sessions.models import LiveSession


def find_session(user: Any, session_id: str) -> LiveSession:
    """The session with its class and, of someone known, their role in it. Raises Http404."""
    sessions = LiveSession.objects.select_related("klass")
    if user.is_authenticated:
        sessions = sessions.with_role_of(user)
    try:
        return sessions.get(pk=session_id)
    except (LiveSession.DoesNotExist, ValidationError):
        raise Http404 from None
