"""The page that lists where the user is signed in, and ends these sign-ins; and signing in again to confirm."""

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.usersessions.models import UserSession
from allauth.usersessions.signals import on_user_logged_in
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tutorarc.domain.events import Actor
from tutorarc.domain.user_agent import short_name
from tutorarc.http.public_url import is_own_url
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import SecurityEvent, SecurityEventKind

ONE, OTHERS = "session", "others"  # names of the buttons

ON_A_PAGE = 50  # each is checked with statements of its own
LONGEST_NUMBER = 18  # digits: the largest key has 19

# django-allauth's own receiver loads and checks every earlier sign-in of the person at each new one.
user_logged_in.disconnect(on_user_logged_in)


@receiver(user_logged_in)
def list_sign_in(request: HttpRequest, **signal: Any) -> None:
    """Put the sign-in on the list. Those that have ended leave it when the list is shown, and by `prune`."""
    UserSession.objects.create_from_request(request)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def sign_ins(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _end_others(request) if OTHERS in request.POST else _end_one(request)
    newest = UserSession.objects.filter(user=signed_in_user(request)).order_by("-last_seen_at")[:ON_A_PAGE]
    rows = [_row(request, one) for one in newest if not one.purge()]
    rows.sort(key=lambda row: (row["is_current"], row["last_seen_at"]), reverse=True)
    return render(request, "usersessions/usersession_list.html", {"rows": rows})


def _row(request: HttpRequest, one: UserSession) -> dict[str, Any]:
    return {
        "pk": one.pk,
        "browser": short_name(one.user_agent) or _("Unknown browser"),
        "address": one.ip,
        "created_at": one.created_at,
        "last_seen_at": one.last_seen_at,
        "is_current": one.session_key == request.session.session_key,
    }


def _own(request: HttpRequest) -> QuerySet[UserSession]:
    """The user's other sign-ins."""
    own: QuerySet[UserSession] = UserSession.objects.filter(user=signed_in_user(request))
    return own.exclude(session_key=request.session.session_key)


def _end_one(request: HttpRequest) -> HttpResponse:
    number = request.POST.get(ONE, "")
    is_number = number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER
    chosen = _own(request).filter(pk=number).first() if is_number else None
    if chosen is None:
        messages.warning(request, _("That sign-in has already ended."))
    else:
        chosen.end()
        user = signed_in_user(request)
        SecurityEvent.objects.record(SecurityEventKind.SESSIONS_ENDED, user=user, by=Actor(user), ended="one")
        messages.success(request, _("You are signed out in that browser."))
    return redirect("usersessions_list")


def _end_others(request: HttpRequest) -> HttpResponse:
    """End all other sign-ins, also those that are not on the list."""
    user = signed_in_user(request).end_sign_ins(Actor(signed_in_user(request)))
    update_session_auth_hash(request, user)
    for one in _own(request):
        one.end()
    UserSession.objects.create_from_request(request)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("usersessions_list")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Where somebody without a password and a second factor confirms: at the provider that they sign in with."""
    wanted = request.GET.get("next", "")
    if request.method == "POST":
        logout(request)
        return redirect_to_login(wanted if is_own_url(request, wanted) else reverse("home"))
    return render(request, "account/sign_in_again.html")
