"""Students who come to a live session: signed in, by a personal link, or unknown.

See docs/contract.md, "Personal links".
"""

from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest

from classes.roles import MembershipStatus
from sessions.admission import Admission, Reason, admission
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.personal_links.tokens import is_token_of, named_in
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User

IDENTIFYING = (Reason.OPEN, Reason.TOO_EARLY, Reason.OVER)  # for other reasons, a link does not show whose it is
NO_LONGER_IN = (MembershipStatus.REJECTED, MembershipStatus.REMOVED)


class Visitor(NamedTuple):
    session: LiveSession  # loaded with the role of the user in its class
    user: User | None = None  # None for somebody with the student link alone
    has_ended_link: bool = False  # a personal link that is wrong or no longer works


def visitor_of(request: HttpRequest, session: LiveSession) -> Visitor:
    """The visitor of a page: the signed-in user, for whom the session was loaded, or else the owner of the link."""
    if request.user.is_authenticated:
        return Visitor(session, signed_in_user(request))
    return visitor_by_link(session, request.GET["token"]) if "token" in request.GET else Visitor(session)


def visitor_by_link(session: LiveSession, token: str) -> Visitor:
    """The visitor with the personal link of this token. Two statements, none for a wrong token.

    It works for an approved member. A rejected or removed one is known too, so that the lobby can say why they are
    refused.
    """
    ended = Visitor(session, has_ended_link=True)
    user_id = named_in(token)
    if user_id is None or not is_token_of(session, user_id, token):
        return ended
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return ended
    theirs = session_for(user, session.pk)
    return Visitor(theirs, user) if theirs.my_status in (MembershipStatus.APPROVED, *NO_LONGER_IN) else ended


def student_entry(visitor: Visitor, time: datetime) -> Admission:
    """The answer of `admission` for this student.

    The student link alone lets anybody in by the clock. But a known student who is no longer in the class is refused,
    and so is a personal link that no longer works.
    """
    answer = admission(visitor.session, "student", time)
    refusal = _refusal(visitor)
    may_wait = answer.reason in (Reason.OPEN, Reason.TOO_EARLY)
    return answer._replace(reason=refusal) if refusal and may_wait else answer


def _refusal(visitor: Visitor) -> Reason | None:
    if visitor.has_ended_link:
        return Reason.LINK_ENDED
    return Reason.REMOVED if visitor.session.my_status in NO_LONGER_IN else None
