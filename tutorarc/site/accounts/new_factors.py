"""Pages of django-allauth that add a second factor: not for somebody whose sign-in ended while they were sent.

What others set up for a person ends when the person gains rights. A factor that is stored a moment later would stay.
"""

from typing import Any

from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from tutorarc.domain.events import Actor
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User


class WhileSignedIn:
    """View mixin: stores the factor under a lock of the user, after checking that the sign-in has not ended."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        user = signed_in_user(self.request)
        try:
            with transaction.atomic():
                User.objects.lock_account(user.pk, Actor(user))
                response: HttpResponse = super().form_valid(form)  # type: ignore[misc] # of django-allauth's view
                return response
        except User.SignedOut:
            return redirect_to_login(self.request.path)


class AddPasskey(WhileSignedIn, AddWebAuthnView):
    pass


class ActivateApp(WhileSignedIn, ActivateTOTPView):
    pass


class GenerateRecoveryCodes(WhileSignedIn, GenerateRecoveryCodesView):
    pass
