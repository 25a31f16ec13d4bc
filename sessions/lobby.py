"""Lobby pages for the teacher and student links, served when the board's host is one of the allowed hosts.

`admission()` alone decides who can enter; these pages show its answer. The board itself is a separate product.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
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
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sessions.admission import Admission, Reason, Role, admission
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.permissions import may_change, opens_as_teacher
from tutorarc.http.error_pages import not_found
from tutorarc.http.signed_in_user import signed_in_user

Page = Callable[[HttpRequest, LiveSession], HttpResponse]

HEADLINES = {
    Reason.TOO_EARLY: "You are early",
    Reason.OPEN: "The session is open",
    Reason.OVER: "This session is over",
    Reason.CANCELLED: "This session was cancelled",
    Reason.CLASS_ARCHIVED: "This class is closed",
}


def is_board_served_here() -> bool:
    host, _ = split_domain_port(urlsplit(settings.BOARD_URL).netloc)
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


@session_page
def student_lobby(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """Lobby for students. Needs no sign-in: the link is enough."""
    return _lobby(request, session, "student")


@session_page
def teacher_lobby(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """Lobby for the teacher, who needs a signed link or a sign-in with the right to change the session."""
    if request.GET.get("role") != "teacher":
        return redirect(reverse("lobby-join", query={"id": session.pk}))
    if opens_as_teacher(session, request.GET.get("token", ""), timezone.now()):
        return _lobby(request, session, "teacher")
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not may_change(signed_in_user(request), session):
        return render(request, "sessions/not_the_teacher.html", {"session": session}, status=403)
    return _lobby(request, session, "teacher")


def _lobby(request: HttpRequest, session: LiveSession, role: Role) -> HttpResponse:
    """The page, or 304 to its script, which asks again and again with the version it has."""
    now = timezone.now()
    answer = admission(session, role, now)
    version = _version(session, answer)
    if (unchanged := get_conditional_response(request, etag=f'"{version}"')) is not None:
        return unchanged
    context = {
        "session": session,
        "role": role,
        "answer": answer,
        "headline": HEADLINES[answer.reason],
        "version": version,
        "is_final": session.cancelled_at is not None or session.ended_at is not None,
        "now": now,
        **_script_times(session, answer, now),
    }
    return render(request, "sessions/lobby.html", context)


def _version(session: LiveSession, answer: Admission) -> str:
    """Digest of what the page shows of the session: it differs after every change that a visitor must see."""
    shown = (session.title, session.start_time, session.duration, session.strict, session.ended_at, *answer)
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
