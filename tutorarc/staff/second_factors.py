"""Second factors of staff and of the people they help: the rule of TUTORARC_STAFF_MFA, and an admin action."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.security_headers import ADMIN_SITE
from tutorarc.models import User

SIGN_OUT = f"{ADMIN_SITE}logout/"
NEEDED = "The admin site asks staff for a second factor. Set one up here, then go on to the admin site."


class StaffSecondFactorMiddleware:
    """With TUTORARC_STAFF_MFA, keep staff out of the admin site until they have used a second factor in this session.

    Those without one are led to set one up. It makes no query for those who have used theirs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.STAFF_MFA and request.path.startswith(ADMIN_SITE) and request.path != SIGN_OUT:
            user: Any = request.user
            if user.is_authenticated and user.is_staff and not _used_second_factor(request):
                return _ask_for_second_factor(request)
        return self.get_response(request)


def _used_second_factor(request: HttpRequest) -> bool:
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def _ask_for_second_factor(request: HttpRequest) -> HttpResponse:
    if is_mfa_enabled(request.user):
        return redirect_to_login(request.get_full_path(), resolve_url("mfa_reauthenticate"))
    messages.warning(request, NEEDED)
    return redirect("mfa_index")


@receiver(authenticator_added)
def note_use(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Whoever sets up a factor shows that they have it, and is not asked for it again in this session."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


class RemoveSecondFactors:
    """ModelAdmin mixin of the list of people with an action for those who lost their phone, keys and codes."""

    @admin.action(description="Remove passkeys and one-time codes", permissions=["change"])
    def remove_second_factors(self: Any, request: HttpRequest, queryset: QuerySet[User]) -> None:
        require_confirmation(request)
        people = list(queryset)

        def remove(person: User) -> int:
            return int(person.remove_second_factors(self.actor(request)))

        self.each(request, people, remove, "set to sign in without a second factor", of=len(people))
