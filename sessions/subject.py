from typing import Any

from rest_framework.generics import get_object_or_404

from sessions.models import LiveSession


def find_session(user: Any, session_id: str) -> LiveSession:
    """The session with its class and, of someone known, their role in it. Raises Http404."""
    sessions = LiveSession.objects.select_related("klass")
    if user.is_authenticated:
        sessions = sessions.with_role_of(user)
    return get_object_or_404(sessions, pk=session_id)
