from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import Http404

from sessions.models import LiveSession, session_with_role
from tutorarc.models import User


def session_for(user: User | AnonymousUser, session_id: str) -> LiveSession:
    """The session with its class and the user's role in that class. Raises Http404, also for a malformed id."""
    try:
        found = session_with_role(session_id=session_id, user_id=user.pk)
    except ValidationError:
        found = []
    if not found:
        raise Http404
    return found[0]
