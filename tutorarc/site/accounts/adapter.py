"""How django-allauth behaves here: what it may do with users, its words, its mail, and where it redirects."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutorarc.domain.events import Actor
from tutorarc.http.client_address import parse
from tutorarc.http.confirmation import is_confirmed
from tutorarc.http.public_url import is_own_url
from tutorarc.mail.outgoing import Mail, queue
from tutorarc.models import User

PENDING = "sign_in_session_hash"
UNKNOWN_ADDRESS = "::"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail address or password is wrong. Passwords are case-sensitive."),
        "incorrect_password": _("This is not your current password."),
        "incorrect_code": _("This code is wrong, or has been used."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Not by django-allauth's form: see tutorarc/site/joining."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Nothing to do: the authentication backend limits attempts."""

    def pre_login(self, request: HttpRequest, user: User, **sign_in: Any) -> HttpResponse | None:
        """Remember for which state of the account the first factor was right: `login` may come minutes later."""
        request.session[PENDING] = user.get_session_auth_hash()
        return super().pre_login(request, user, **sign_in)

    def login(self, request: HttpRequest, user: User) -> None:
        """Raises ImmediateHttpResponse if the password changed, or the user was deactivated, since the first factor."""
        if not user.is_active or request.session.pop(PENDING, "") != user.get_session_auth_hash():
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        with transaction.atomic():  # one commit instead of five: SQLite lets one request write at a time
            super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        messages.error(
            request, _("You can’t sign in with this account now. Try again, or ask the staff of your school.")
        )
        return redirect("login")

    def set_password(self, user: User, password: str) -> None:
        user.change_password(Actor(user), password)

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the user's password. Counted as a sign-in attempt. Raises Throttled."""
        return bool(self.authenticate(self.request, email=user.email, password=password) == user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """Somebody who has neither a password nor a second factor signs in again."""
        again = {"id": "sign_in_again", "description": _("Sign in again"), "url": reverse("sign-in-again")}
        return super().get_reauthentication_methods(user) or [again]

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Somebody without a password and a second factor, who can only sign in again, has confirmed by a sign-in."""
        if is_confirmed(self.request) and not super().get_reauthentication_methods(self.request.user):
            return False
        return bool(super().is_reauthentication_required(app=app, **options))

    def is_safe_url(self, url: str) -> bool:
        """Whether a redirect may lead there: to this host, and not to the same page again."""
        return url != self.request.path and is_own_url(self.request, url)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client's address, which a trusted proxy may have named. `::` if it is unknown, as on a Unix socket."""
        return str(parse(request.META.get("REMOTE_ADDR", "")) or UNKNOWN_ADDRESS)

    def is_ajax(self, request: HttpRequest) -> bool:
        """Only passkeys need JSON: their script asks for the options of a sign-in."""
        return request.path == reverse("mfa_login_webauthn") and super().is_ajax(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        queue(Mail(to=email, subject=message.subject, text=message.body))
