"""Why a user has to sign in again, and what they typed meanwhile."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, middleware
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from tutorarc.domain.clock import duration_in_words
from tutorarc.http.session_store import STARTED, SessionStore, idle_limit_of
from tutorarc.models import User

ENDED = "Your sign-in has ended: it was too long ago, your password or rights changed, or it was ended elsewhere."
# Fields of forms that nobody typed, or that no page may show again.
NOT_KEPT = re.compile(
    r"(?i)^_|^initial-|^(action|back|sure|index|next|repeat|length|datesOf|time_?zone)$"
    r"|csrf|token|password|secret|^code$|-[A-Z_]+$"
)
CHOSEN = re.compile(r"true|false|on|yes|none|[a-z]+_[0-9a-z]{26}", re.ASCII)  # ticks and ids
WORDS = re.compile(r"[^\W\d_]{2}")
LONGEST_KEPT = 10_000
USER_AGENT_LENGTH = UserSession._meta.get_field("user_agent").max_length


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's middleware, which here also notes that the sign-in is used."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_signed_in_user, request))  # type: ignore[assignment]


def _signed_in_user(request: Any) -> Any:
    had_user = SESSION_KEY in request.session
    user = middleware.get_user(request)
    if user.is_authenticated:
        if request.session.renew_sign_in(idle_limit_of(user)):
            note_use(request, user)
    elif had_user:  # Django has ended the session: the password was changed, or the user was deactivated
        request.sign_in_was_ended = True
    return user


def note_use(request: HttpRequest, user: User) -> None:
    """For the list of sign-ins: when, from where and with which browser this one was used."""
    used = {
        "last_seen_at": timezone.now(),
        "ip": get_adapter().get_client_ip(request),
        "user_agent": request.META.get("HTTP_USER_AGENT", "")[:USER_AGENT_LENGTH],
    }
    if not UserSession.objects.filter(session_key=request.session.session_key, user=user).update(**used):
        UserSession.objects.create_from_request(request, user=user)  # it began in a version without that list


class SignedOutMiddleware:
    """Tell a user who is sent to the sign-in page why, and show what they typed, so that they can copy it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _leads_to_sign_in(response) or not (reason := sign_out_reason(request)):
            return response
        if request.method == "POST":
            return _what_was_typed(request, reason)
        messages.warning(request, reason)
        return response


def _leads_to_sign_in(response: HttpResponse) -> bool:
    path = urlsplit(response.get("Location", "")).path
    return response.status_code == 302 and path in (resolve_url(settings.LOGIN_URL), reverse("admin:login"))


def _what_was_typed(request: HttpRequest, reason: str) -> HttpResponse:
    context = {"reason": reason, "kept": list(typed_texts(request.POST))}
    response = render(request, "tutorarc/signed_out.html", context, status=401)
    response["WWW-Authenticate"] = 'Cookie realm="TutorArc"'
    return response


def sign_out_reason(request: Any) -> str:
    """Why the sign-in of the request's cookie has ended; empty if it hasn't, or if there was none."""
    if getattr(request, "sign_in_was_ended", False):
        return ENDED
    session: SessionStore | None = getattr(request, "session", None)  # a call without a cookie has none
    if session is None or session.lost_key is None:
        return ""
    content = session.lost_content()
    return _limit_reached(content) if content else ENDED


def _limit_reached(content: dict[str, Any]) -> str:
    """The limit that an expired session has reached. Empty if nobody was signed in."""
    user = User.objects.filter(pk=content[SESSION_KEY]).first() if SESSION_KEY in content else None
    if user is None:
        return ""
    if content.get(STARTED, 0) + settings.MAX_SIGN_IN_AGE.total_seconds() <= timezone.now().timestamp():
        return f"You were signed out because your sign-in was {duration_in_words(settings.MAX_SIGN_IN_AGE)} ago."
    return f"You were signed out because you did nothing here for {duration_in_words(idle_limit_of(user))}."


def typed_texts(form: QueryDict) -> Iterator[tuple[str, str]]:
    """Label and text of each field that a person may have typed. Passwords and tokens are left out."""
    for name, values in form.lists():
        text = str(values[0])[:LONGEST_KEPT] if len(values) == 1 else ""
        if WORDS.search(text) and not NOT_KEPT.search(name) and not CHOSEN.fullmatch(text):
            yield label(name), text


def label(name: str) -> str:
    """A field name as a label: `display_name` and `opensAt` become Display name and Opens at."""
    return re.sub(r"_|(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
