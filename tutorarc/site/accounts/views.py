"""Account pages: those of django-allauth with our forms and words, and the profile."""

from typing import Any

from allauth.account import views as allauth
from allauth.account.signals import password_changed, password_reset
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages.views import SuccessMessageMixin
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tutorarc.http.known_browsers import remember_browser
from tutorarc.http.reader_zone import zone_of_browser
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User
from tutorarc.site.accounts.forms import ProfileForm


class SignOut(allauth.LogoutView):
    http_method_names = ["post", "options"]


sign_out = SignOut.as_view()


@receiver([password_changed, password_reset])
def remember_browser_with_new_password(request: HttpRequest, user: User, **signal: Any) -> None:
    """A new password made all browsers unknown. The one in which its owner chose it is known again."""
    remember_browser(request, user)


@never_cache
def sign_in_as_staff(request: HttpRequest) -> HttpResponse:
    """The admin site's sign-in page. Signed-in users who aren't staff get an explanation."""
    if request.user.is_authenticated and not request.user.is_staff:
        return render(request, "account/not_staff.html", status=403)
    return redirect_to_login(request.GET.get("next", reverse("admin:index")))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(signed_in_user(request), sent, zone_of_browser=zone_of_browser(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your profile was saved."))
        return redirect("account")
    return render(request, "account/account.html", {"form": form}, status=400 if form.is_bound else 200)


def forgotten_password(request: HttpRequest) -> HttpResponse:
    """Where no mail is sent, the page says who can help."""
    if sends_mail():
        return allauth.password_reset(request)
    return render(request, "account/no_mail.html", status=200 if request.method in ("GET", "HEAD") else 409)


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class ChangePassword(SuccessMessageMixin[Any], allauth.PasswordChangeView):
    """Change the password. Signs the user out of all other sessions."""

    success_message = _("Your password is changed. You are signed out everywhere else.")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except User.SignedOut:  # while the form was checked
            return redirect_to_login(self.request.path)


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class SetPassword(SuccessMessageMixin[Any], allauth.PasswordResetFromKeyView):
    """Page of a one-time link, sent by mail or created by staff. It signs nobody in: there may be a second factor."""

    success_url = reverse_lazy("login")
    success_message = _("Your password is set. Sign in with it.")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except User.LinkSpent:  # the link was used concurrently
            return self.render_to_response(self.get_context_data(token_fail=True))
