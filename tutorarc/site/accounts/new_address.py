"""Changing one's own e-mail address: a link mailed to the new address shows that it is theirs.

The page says the same whether or not somebody has an account with the new address. Only its mailbox is told.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tutorarc.domain.email import spellings
from tutorarc.domain.events import Actor
from tutorarc.domain.text_fields import EmailAddressFormField
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.public_url import link_for_others
from tutorarc.http.sign_in_limit import may_be_mailed
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.mail.outgoing import Mail, queue, sends_mail
from tutorarc.models import User
from tutorarc.site.limited_forms import LimitedForm

SALT = "tutorarc.new_address"
LIFETIME = timedelta(hours=24)


class NewAddressForm(LimitedForm):
    """At most three mails to one address in 15 minutes, as for forgotten passwords."""

    may_be_mailed = False

    email = EmailAddressFormField(
        label=gettext_lazy("New e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "autocapitalize": "none"}),
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, label_suffix="", use_required_attribute=False)
        self.user = user

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        if address == self.user.email:
            raise forms.ValidationError(_("This is your address already."), code="same")
        self.may_be_mailed = may_be_mailed(context.request, address)
        return address


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def new_address(request: HttpRequest) -> HttpResponse:
    """Asks for the new address, and mails it a link. Only for who confirmed their password lately."""
    user = signed_in_user(request)
    if not sends_mail():
        return render(request, "account/new_address.html", status=200 if request.method in ("GET", "HEAD") else 409)
    require_confirmation(request)
    form = NewAddressForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "account/new_address.html", {"form": form}, status=400 if form.is_bound else 200)
    if form.may_be_mailed:
        queue(_mail(user, form.cleaned_data["email"], link_for_others(request)))
    messages.success(request, _("Check the mailbox of your new address: the link in the mail makes the change."))
    return redirect("account")


def _mail(user: User, address: str, site: str) -> Mail:
    """A mail to the new address: with a link, or, if somebody has an account with it, with what to do.

    Without the user's name, which strangers could fill with words of theirs.
    """
    token = signing.dumps([*_state(user), address], salt=SALT)
    details = {
        "address": address,
        "domain": urlsplit(site).netloc,
        "link": site + reverse("new-address-confirm", args=[token]),
        "is_taken": User.objects.filter(email__in=spellings(address)).exists(),
        "hours": LIFETIME // timedelta(hours=1),
    }
    text = render_to_string("mail/new_address.txt", details)
    return Mail(to=address, subject=_("Confirm your new e-mail address"), text=text)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def confirm_new_address(request: HttpRequest, token: str) -> HttpResponse:
    """The page of the mailed link. Only for the person who asked for it, as it makes them sign in with the address."""
    user = signed_in_user(request)
    address = _address(user, token)
    if address is None:
        return render(request, "account/new_address_confirm.html", status=404)
    if request.method != "POST":
        return render(request, "account/new_address_confirm.html", {"address": address})
    try:
        user.edit(Actor(user), shown={"email": user.email}, email=address)
    except User.SignedOut:
        return redirect_to_login(request.path)
    except (User.EmailTaken, User.ChangedMeanwhile):
        return render(request, "account/new_address_confirm.html", status=409)
    messages.success(request, _("Your e-mail address is changed. Sign in with it from now on."))
    return redirect("account")


def _address(user: User, token: str) -> str | None:
    """The new address. None if the link isn't this user's, is too old, was used, or was made before a new password."""
    try:
        *state, address = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return address if state == _state(user) else None


def _state(user: User) -> list[str]:
    """What ends a link when it changes: address and password. The end of the hash tells one from another."""
    return [user.pk, user.email, user.get_session_auth_hash()[-16:]]
