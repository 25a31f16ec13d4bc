"""Lobby pages for the teacher and student links, served when the board's host is one of the allowed hosts.

`admission()` alone decides by the clock who can enter; these pages show its answer, and lead to the lesson's room.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sessions.admission import Admission, Reason, Role, admission
from sessions.attendance.arrivals import record_arrival
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.permissions import may_change, opens_as_teacher
from sessions.personal_links.visitors import Visitor, student_entry, visitor_of
from tutorarc.http.error_pages import not_found
from tutorarc.http.signed_in_user import signed_in_user

Page = Callable[[HttpRequest, LiveSession], HttpResponse]

HEADLINES = {
    Reason.TOO_EARLY: _("You’re early"),
    Reason.OPEN: _("You can join now"),
    Reason.OVER: _("This lesson is over"),
    Reason.CANCELLED: _("This lesson was cancelled"),
    Reason.CLASS_ARCHIVED: _("This class is archived"),
    Reason.REMOVED: _("You are no longer in this class"),
    Reason.LINK_ENDED: _("This link no longer works"),
}
WITHOUT_A_ROOM = {"student": _("Your teacher will start here"), "teacher": _("This lesson has no room link yet")}
TEACHERS_NAMED = 3


def is_board_served_here() -> bool:
    host, _port = split_domain_port(urlsplit(settings.BOARD_URL).netloc)
    return validate_host(host, settings.ALLOWED_HOSTS)


def session_page(page: Page) -> Callable[[HttpRequest], HttpResponse]:
    """Decorate a page of the session named by `?id=`; 404 if it doesn't exist or the board is served elsewhere."""

    def view(request: HttpRequest) -> HttpResponse:
        if not is_board_served_here():
            return not_found(request)
        try:
            session = session_for(request.user, request.GET.get("id", ""))
        except Http404:
            return not_found(request)
        return page(request, session)

    return require_safe(never_cache(view))


def for_teachers(page: Page) -> Page:
    """Decorate a page for the teacher, who needs a signed link or a sign-in with the right to change the session."""

    @wraps(page)
    def view(request: HttpRequest, session: LiveSession) -> HttpResponse:
        if request.GET.get("role") != "teacher":
            return redirect(reverse("lobby-join", query={"id": session.pk}))
        if opens_as_teacher(session, request.GET.get("token", ""), timezone.now()):
            return page(request, session)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not may_change(signed_in_user(request), session):
            return render(request, "sessions/not_the_teacher.html", {"session": session}, status=HTTPStatus.FORBIDDEN)
        return page(request, session)

    return view


@session_page
def student_lobby(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """Lobby for students. Needs no sign-in: the link is enough. A personal link identifies the visitor."""
    return _lobby(request, visitor_of(request, session), "student")


@session_page
@for_teachers
def teacher_lobby(request: HttpRequest, session: LiveSession) -> HttpResponse:
    return _lobby(request, Visitor(session), "teacher")


@session_page
def student_room(request: HttpRequest, session: LiveSession) -> HttpResponse:
    return _enter(request, visitor_of(request, session), "student")


@session_page
@for_teachers
def teacher_room(request: HttpRequest, session: LiveSession) -> HttpResponse:
    return _enter(request, Visitor(session), "teacher")


def _enter(request: HttpRequest, visitor: Visitor, role: Role) -> HttpResponse:
    """Redirect to the room if the visitor may enter now, else to the lobby, which says why not.

    The room does not learn the address of this page, which may have a token.
    """
    room = visitor.session.room if _entry(visitor, role, timezone.now()).admitted else None
    headers = {"Location": room or _address(LOBBIES[role], request), "Referrer-Policy": "no-referrer"}
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers=headers)


LOBBIES = {"student": "lobby-join", "teacher": "lobby-board"}
ROOMS = {"student": "lobby-join-room", "teacher": "lobby-board-room"}


def _address(name: str, request: HttpRequest) -> str:
    """The page of this name for the same session, role and token."""
    return f"{reverse(name)}?{request.GET.urlencode()}"


def _entry(visitor: Visitor, role: Role, now: datetime) -> Admission:
    return student_entry(visitor, now) if role == "student" else admission(visitor.session, role, now)


def _lobby(request: HttpRequest, visitor: Visitor, role: Role) -> HttpResponse:
    """The page, or 304 to its script, which asks again and again with the version it has."""
    now, session = timezone.now(), visitor.session
    answer = _entry(visitor, role, now)
    if role == "student":
        record_arrival(request, visitor, answer, now)
    joins_as = visitor.user.display_name if visitor.user and not request.user.is_authenticated else ""
    version = _version(session, answer, joins_as)
    if (unchanged := get_conditional_response(request, etag=f'"{version}"')) is not None:
        return unchanged
    context = {
        "session": session,
        "teachers": _teachers(session),
        "role": role,
        "joins_as": joins_as,
        "answer": answer,
        "closed": answer.reason not in (Reason.OPEN, Reason.TOO_EARLY),
        "has_room": bool(session.room),
        "room_page": _address(ROOMS[role], request),
        "headline": _headline(session, role, answer),
        "version": version,
        "is_final": session.cancelled_at is not None or session.ended_at is not None,
        "now": now,
        **_script_times(session, answer, now),
    }
    return render(request, "sessions/lobby.html", context)


def _headline(session: LiveSession, role: Role, answer: Admission) -> Any:
    return HEADLINES[answer.reason] if session.room or not answer.admitted else WITHOUT_A_ROOM[role]


def _teachers(session: LiveSession) -> list[str]:
    """Names of those who teach it, a few at most."""
    if session.klass is None:
        return [session.created_by.display_name]
    teachers = session.klass.memberships.teachers().order_by("pk")
    return list(teachers.values_list("user__display_name", flat=True)[:TEACHERS_NAMED])


def _version(session: LiveSession, answer: Admission, joins_as: str) -> str:
    """Digest of what the page shows of the session: it differs after every change that a visitor must see."""
    klass = session.klass and session.klass.title
    schedule = (session.start_time, session.duration, session.strict, session.ended_at)
    shown = (session.title, klass, *schedule, bool(session.room), joins_as, *answer)
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _next_change(answer: Admission) -> datetime | None:
    """The time at which the schedule changes the answer; None if it doesn't."""
    match answer.reason:
        case Reason.TOO_EARLY:
            return answer.opens_at
        case Reason.OPEN:
            return answer.closes_at
    return None


def _script_times(session: LiveSession, answer: Admission, now: datetime) -> dict[str, Any]:
    """Times for the script, with the server's clock, since the visitor's may be wrong."""
    change = _next_change(answer)
    return {
        "now_ms": _milliseconds(now),
        "start_ms": _milliseconds(session.start_time),
        "change_ms": _milliseconds(change) if change else "",
    }


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
