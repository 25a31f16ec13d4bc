from contextlib import suppress

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import Http404

from classes.models import Class
from sessions.models import LiveSession
from sessions.querysets import LiveSessionQuerySet
from tutorarc.db.compiled import compile_once
from tutorarc.models import User


def class_named(class_id: str, user: User) -> Class | None:
    """The class with the user's role in it, if the user may see it; None also for a malformed id."""
    with suppress(ValidationError):
        return Class.objects.filter(pk=class_id).visible_to(user).with_role_of(user).first()
    return None


def session_for(user: User | AnonymousUser, session_id: str) -> LiveSession:
    """The session with its class and the user's role in that class. Raises Http404, also for a malformed id."""
    try:
        found = session_with_role(session_id=session_id, user_id=user.pk)
    except ValidationError:
        found = []
    if not found:
        raise Http404
    return found[0]


@compile_once(session_id=LiveSession._meta.pk, user_id=User._meta.pk)
def session_with_role(*, session_id: str, user_id: str | None) -> LiveSessionQuerySet:
    """The session with its class and, for a signed-in user, the user's role in that class."""
    sessions = LiveSession.objects.filter(pk=session_id)
    return sessions.with_role_of(User(pk=user_id)) if user_id else sessions.with_class()
