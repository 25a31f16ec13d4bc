"""The developer page for API keys (docs/contract.md, "API keys"). It shows a secret once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apikeys.examples import SampleCall
from apikeys.forms import NewKeyForm, RotationForm
from apikeys.models import ApiKey
from apikeys.one_time_form import OneTimeForm
from apikeys.scope_words import in_words
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.error_pages import not_found
from tutorarc.http.public_url import site_url
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User

KEYS_ON_A_PAGE = 20
ENDING = timedelta(days=7)


@dataclass(frozen=True)
class KeyRow:
    """A key as the page shows it."""

    key: ApiKey
    now: datetime
    former: list[ApiKey] = field(default_factory=list)  # keys that it replaced and that still work, newest first

    @property
    def is_closed(self) -> bool:
        return self.key.revoked_at is not None or self._expires_within(timedelta(0))

    @property
    def badge(self) -> tuple[str, str]:
        """Kind and text."""
        if self.key.revoked_at is not None:
            return "plain", _("Revoked")
        if self.is_closed:
            return "plain", _("Expired")
        return ("warn", _("Expires soon")) if self._expires_within(ENDING) else ("good", _("Active"))

    @property
    def may(self) -> str:
        return in_words(self.key.scopes)

    def _expires_within(self, time: timedelta) -> bool:
        return self.key.expires_at is not None and self.key.expires_at <= self.now + time


@require_safe
@login_required
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def create(request: HttpRequest, sample: SampleCall) -> HttpResponse:
    form = NewKeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _show_once(request, form, sample)
    return _new(request, form, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def rotate(request: HttpRequest, key_id: str, sample: SampleCall) -> HttpResponse:
    key = _own_key(request, key_id)
    if key is None:
        return not_found(request)
    form = RotationForm(key, request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _show_once(request, form, sample)
    return _about(request, "apikeys/rotate.html", key, form=form, status=400 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def revoke(request: HttpRequest, key_id: str) -> HttpResponse:
    key = _own_key(request, key_id)
    if key is None:
        return not_found(request)
    if request.method != "POST":
        return _about(request, "apikeys/revoke.html", key)
    key.revoke(Actor(signed_in_user(request)))
    messages.success(request, _("“%(name)s” was revoked. Its next call is refused.") % {"name": key.name})
    return redirect("developer-keys")


def _own_key(request: HttpRequest, key_id: str) -> ApiKey | None:
    """The user's own key. None also for keys of others, so that nobody learns which ids exist."""
    try:
        return ApiKey.objects.filter(owner_id=request.user.pk, pk=key_id).first()
    except ValidationError:
        return None


def _show_once(request: HttpRequest, form: OneTimeForm[ApiKey], sample: SampleCall) -> HttpResponse:
    """Render the secret in the response to the POST: a redirect would have to store it.

    Raises ReauthenticationRequired.
    """
    require_confirmation(request)
    try:
        issued = form.issue(Actor(signed_in_user(request)))
    except User.SignedOut:
        return redirect_to_login(request.get_full_path())
    except (ApiKey.Closed, ApiKey.TooMany) as refusal:
        if isinstance(form, NewKeyForm):
            return _new(request, form, notice=refusal.message, status=409)
        return _list(request, notice=refusal.message, status=409)
    except Conflict:  # a duplicate of this request is in progress
        issued = None
    if issued is None:
        return _list(request, notice=ALREADY_SUBMITTED, status=409)
    key, secret = issued
    call = _first_call(request, key, secret, sample)
    context = {"row": KeyRow(key, timezone.now()), "secret": secret, "call": call, "form": form}
    return render(request, "apikeys/shown_once.html", context)


ALREADY_SUBMITTED = gettext_lazy(
    "This form was already submitted, so no second key was created. If you didn’t copy the secret, "
    "revoke that key and create another: the secret can’t be shown again."
)


def _new(request: HttpRequest, form: NewKeyForm, *, notice: str = "", status: int = 200) -> HttpResponse:
    return render(request, "apikeys/new_key.html", {"form": form, "notice": notice}, status=status)


def _list(request: HttpRequest, *, notice: str | Promise = "", status: int = 200) -> HttpResponse:
    """The keys that work, each with those that it replaced and that still work; those that don't, by pages."""
    own, now = ApiKey.objects.filter(owner_id=request.user.pk).order_by("-id"), timezone.now()
    working = list(own.unexpired(now))
    closed = own.filter(Q(revoked_at__isnull=False) | Q(expires_at__lte=now))
    page = Paginator(closed, KEYS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": _rotations_as_one(working, now),
        "page": page,
        "closed": [KeyRow(key, now) for key in page],
        "notice": notice,
        "posted": request.method == "POST",
    }
    return render(request, "apikeys/keys.html", context, status=status)


def _rotations_as_one(working: list[ApiKey], now: datetime) -> list[KeyRow]:
    by_id = {key.pk: key for key in working}
    replaced = {key.replaces_id for key in working}
    return [KeyRow(key, now, list(_former(key, by_id))) for key in working if key.pk not in replaced]


def _former(key: ApiKey, working: Mapping[str, ApiKey]) -> Iterator[ApiKey]:
    while former := working.get(key.replaces_id or ""):
        yield former
        key = former


def _about(request: HttpRequest, template: str, key: ApiKey, *, status: int = 200, **context: Any) -> HttpResponse:
    context = {**context, "key": key, "row": KeyRow(key, timezone.now())}
    return render(request, template, context, status=status)


def _first_call(request: HttpRequest, key: ApiKey, secret: str, sample: SampleCall) -> str:
    """The sample call with this key, as a cURL command; `/me` where the key or its owner may not make that call."""
    header = f'-H "X-API-Key: {secret}"'
    if getattr(request.user, "is_student", True) or not key.allows(sample.scope):
        return f'curl "{site_url(request, reverse("me"))}" \\\n{header}'
    url = site_url(request, reverse(sample.route))
    headers = f'{header} \\\n-H "Content-Type: application/json"'
    return f"curl -X POST \"{url}\" \\\n{headers} \\\n-d '{json.dumps(sample.body(), indent=2)}'"
