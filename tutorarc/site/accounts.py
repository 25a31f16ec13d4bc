"""Account pages: sign-in, profile, password change and reset."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.messages.views import SuccessMessageMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tutorarc.domain.password_tokens import password_tokens
from tutorarc.models import User
from tutorarc.site.account_forms import ChangePasswordForm, ForgottenForm, LinkPasswordForm, NameForm, SignInForm


class SignIn(auth_views.LoginView):
    template_name = "accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_redirect_url(self, *args: Any) -> str:
        """Avoid Django's error for a redirect loop to the sign-in page."""
        wanted = super().get_redirect_url(*args)
        return "" if wanted == self.request.path else wanted


sign_in = SignIn.as_view()
sign_out = auth_views.LogoutView.as_view(next_page="home")


@never_cache
def sign_in_as_staff(request: HttpRequest) -> HttpResponse:
    """The admin site's sign-in page. Signed-in users who aren't staff get an explanation."""
    if request.user.is_authenticated and not request.user.is_staff:
        return render(request, "accounts/not_staff.html", status=403)
    return auth_views.redirect_to_login(request.GET.get("next", reverse("admin:index")))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.save()
        messages.success(request, "Your name is changed.")
        return redirect("account")
    return render(request, "accounts/account.html", {"form": form}, status=400 if form.is_bound else 200)


class ChangePassword(SuccessMessageMixin[Any], auth_views.PasswordChangeView):
    """Change the password. Signs the user out of all other sessions."""

    form_class = ChangePasswordForm
    template_name = "accounts/change_password.html"
    success_url = reverse_lazy("account")
    success_message = "Your password is changed. Wherever else you were signed in, you are signed out."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except User.SignedOut:  # while the form was checked
            return auth_views.redirect_to_login(self.request.path)


class ForgottenPassword(auth_views.PasswordResetView):
    form_class = ForgottenForm
    token_generator = password_tokens
    template_name = "accounts/forgotten.html"
    subject_template_name = "accounts/mail_subject.txt"
    email_template_name = "accounts/mail.txt"
    extra_email_context = {"days": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days}
    success_url = reverse_lazy("password-mailed")


password_mailed = auth_views.PasswordResetDoneView.as_view(template_name="accounts/mailed.html")


class SetPassword(SuccessMessageMixin[Any], auth_views.PasswordResetConfirmView):
    """Page of a one-time link, sent by mail or created by staff."""

    form_class = LinkPasswordForm
    token_generator = password_tokens
    template_name = "accounts/set_password.html"
    success_url = reverse_lazy("login")
    success_message = "Your password is set. Sign in with it."

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if user and user.is_active else None

    def get_form_kwargs(self) -> dict[str, Any]:
        token = self.request.session.get(auth_views.INTERNAL_RESET_SESSION_TOKEN, "")
        return super().get_form_kwargs() | {"token": token}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except User.LinkSpent:  # the link was used concurrently
            self.validlink = False
            return self.render_to_response(self.get_context_data())
