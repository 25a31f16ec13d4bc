"""The lobby behind seed A's links, served here when the board's host is one of this server's own.

Who gets in is `admission()` and nothing else: these pages ask it and put its answer into words. What happens behind
the door is the board's, another product.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sessions.admission import Admission, Reason, Role, admission
from sessions.links import is_token_for
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.permissions import may_change
from tutorarc.http.error_pages import not_found

Page = Callable[[HttpRequest, LiveSession], HttpResponse]

HEADLINES = {
    Reason.TOO_EARLY: "You are early",
    Reason.OPEN: "You are in",
    Reason.OVER: "This session is over",
    Reason.CANCELLED: "This session was cancelled",
    Reason.CLASS_ARCHIVED: "This class is closed",
}


def is_board_served_here() -> bool:
    host, _ = split_domain_port(urlsplit(settings.BOARD_URL).netloc)
    return validate_host(host, settings.ALLOWED_HOSTS)


def of_a_session(page: Page) -> Callable[[HttpRequest], HttpResponse]:
    """The page of the session that `id` names; 404 where there is none, or where the board is elsewhere."""

    def find_and_show(request: HttpRequest) -> HttpResponse:
        if not is_board_served_here():
            return not_found(request)
        try:
            session = session_for(request.user, request.GET.get("id", ""))
        except Http404:
            return not_found(request)
        return page(request, session)

    return require_safe(never_cache(find_and_show))


@of_a_session
def join(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """The student's door: the link is enough."""
    return _door(request, session, "student", ask=_admission_url(session, "student"))


@of_a_session
def board(request: HttpRequest, session: LiveSession) -> HttpResponse:
    """The teacher's door. The id alone makes nobody a teacher: a signed link does, or a sign-in with the right."""
    if request.GET.get("role") != "teacher":
        return redirect(reverse("lobby-join", query={"id": session.pk}))
    if is_token_for(session.pk, request.GET.get("token", "")):
        return _door(request, session, "teacher", ask=request.get_full_path())
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not may_change(request.user, session):
        return render(request, "sessions/not_the_teacher.html", {"session": session}, status=403)
    return _door(request, session, "teacher", ask=_admission_url(session, "teacher"))


def _admission_url(session: LiveSession, role: Role) -> str:
    return reverse("admission", args=[session.pk], query={"role": role})


def _door(request: HttpRequest, session: LiveSession, role: Role, *, ask: str) -> HttpResponse:
    now = timezone.now()
    answer = admission(session, role, now)
    context = {
        "session": session,
        "role": role,
        "answer": answer,
        "headline": HEADLINES[answer.reason],
        "ask": ask,
        "now": now,
        **_for_the_script(answer, now),
    }
    return render(request, "sessions/lobby.html", context)


def _next_change(answer: Admission) -> datetime | None:
    """When the clock alone changes the answer."""
    match answer.reason:
        case Reason.TOO_EARLY:
            return answer.opens_at
        case Reason.OPEN:
            return answer.closes_at
    return None


def _for_the_script(answer: Admission, now: datetime) -> dict[str, Any]:
    """The server's clock: the page counts from it, not from the visitor's own, which may be wrong."""
    change = _next_change(answer)
    return {"now_ms": _milliseconds(now), "change_ms": _milliseconds(change) if change else ""}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
