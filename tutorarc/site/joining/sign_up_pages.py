"""Creating an account: the form for address and class code, and the page of the link that is mailed there.

Nothing is stored and nothing told before the address is known to be the person's own: not whether there is an account
with it, nor whether a class has the code.
"""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from members.models import Membership
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.http.public_url import link_for_others
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User
from tutorarc.site.joining.new_accounts import NewAccountForm, account_of, sign_in_new
from tutorarc.site.joining.sign_up_forms import SignUpForm
from tutorarc.site.joining.sign_up_links import Wanted, wanted_by
from tutorarc.site.joining.sign_up_mail import queue_sign_up_mail


def is_sign_up_open() -> bool:
    return settings.SIGN_UP != "off" and sends_mail()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("home")
    if not is_sign_up_open():
        return render(request, "joining/no_sign_up.html", status=200 if request.method != "POST" else 409)
    if request.method != "POST":
        return _form(request, SignUpForm(initial={"code": request.GET.get("code", "")[:100]}))
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=400)
    wanted = Wanted(form.cleaned_data["email"], form.cleaned_data["code"])
    queue_sign_up_mail(wanted, link_for_others(request), is_sent=form.may_be_mailed)
    return redirect("sign-up-mailed")


def _form(request: HttpRequest, form: SignUpForm, status: int = 200) -> HttpResponse:
    return render(request, "joining/sign_up.html", {"form": form}, status=status)


@require_safe
@never_cache
def sign_up_mailed(request: HttpRequest) -> HttpResponse:
    return render(request, "joining/sign_up_mailed.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def sign_up_link(request: HttpRequest, token: str) -> HttpResponse:
    """Of somebody who got the link by mail."""
    wanted = wanted_by(token)
    if wanted is None or not is_sign_up_open():
        return render(request, "joining/no_sign_up_link.html", {"is_open": is_sign_up_open()}, status=404)
    goal = reverse("join-code", args=[wanted.code]) if wanted.code else reverse("home")
    if request.user.is_authenticated:
        return redirect(goal)
    if account_of(wanted.email):
        messages.info(request, _("You have an account. Sign in with it."))
        return redirect_to_login(goal)
    form = NewAccountForm(wanted.email, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"form": form, "email": wanted.email}
        return render(request, "joining/new_account.html", context, status=400 if form.is_bound else 200)
    return _create(request, form, wanted, goal)


def _create(request: HttpRequest, form: NewAccountForm, wanted: Wanted, goal: str) -> HttpResponse:
    try:
        user = form.save(User.GlobalRole.STUDENT)
    except User.EmailTaken:  # made at the same moment
        return redirect_to_login(goal)
    response = sign_in_new(request, user, goal)
    if wanted.code:
        _request_to_join(user, wanted.code)
    return response


def _request_to_join(user: User, code: str) -> None:
    """If that isn't possible, the page of the code tells why."""
    try:
        Membership.objects.request_by_code(code, Actor(user))
    except (Conflict, Membership.WrongCode):
        return
