"""Links on the page of a lesson."""

from django.conf import settings

from sessions.models import LiveSession
from sessions.personal_links.tokens import personal_link
from tutorarc.models import User


def links_of(user: User, session: LiveSession, *, can_manage: bool) -> dict[str, str]:
    """Where the page's button leads, and the personal link of a member of the class who may not change the lesson."""
    if can_manage:
        return {"own_link": session.teacher_link_for(user)}
    return {"own_link": session.student_link, "personal_link": personal_link(session, user)}


def can_have_tokens(session: LiveSession) -> bool:
    """Whether links with a token may have been handed out, which a renewal ends."""
    return session.klass_id is not None or session.signed_links or settings.SIGNED_TEACHER_LINKS
