"""Undo: the message about a change offers a button that takes it back.

    @undoes("membership.removed")                                            # members/undo.py
    def let_back_in(change: Change) -> str: ...

    context["undo"] = Undo("membership.removed", by=user, back=address, klass=klass.pk)    # beside `success` of a page

The form of the button holds the signed change. It is bound to the person who made the change, and works for an hour
and until somebody changes the same thing again: so nothing is undone twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.models import User

LIFETIME = timedelta(hours=1)
SALT = "undo"
TOO_LATE = _("It is too late to undo this.")
CHANGED_AGAIN = _("Nothing was undone, because this was changed again meanwhile.")


@dataclass(frozen=True)
class Change:
    """A change that its actor takes back. `about` holds the ids that its function needs."""

    about: dict[str, Any]
    at: datetime  # when the page offered Undo, just after the change
    actor: Actor


class NotUndone(Exception):
    """The change can't be taken back. The message is for the person."""


Undoer = Callable[[Change], str]  # returns the message; raises NotUndone, PermissionDenied and Conflicts
_undoers: dict[str, Undoer] = {}


def undoes(kind: str) -> Callable[[Undoer], Undoer]:
    """Register the function that takes back changes of this kind. It checks the actor's permission."""

    def register(function: Undoer) -> Undoer:
        _undoers[kind] = function
        return function

    return register


class Undo:
    """A form for `components/message.html`. `back` is the page to show afterwards."""

    label = ""

    def __init__(self, kind: str, *, by: User, back: str, **about: Any) -> None:
        change = {"kind": kind, "by": by.pk, "at": timezone.now().isoformat(), "back": back, "about": about}
        self.address = reverse("undo")
        self.fields = {"change": signing.dumps(change, salt=SALT, compress=True)}


@require_POST
@never_cache
def undo(request: HttpRequest) -> HttpResponse:
    """Take back the change that the form names, and show the page that it came from with a message."""
    change = _read(request.POST.get("change", ""))
    back = change.get("back") or reverse("home")
    if not isinstance(request.user, User):
        return redirect_to_login(back)
    if not change or timezone.now() > datetime.fromisoformat(change["at"]) + LIFETIME:
        messages.warning(request, TOO_LATE)
    elif change["by"] != request.user.pk:
        raise PermissionDenied
    else:
        _take_back(request, change, Actor(request.user))
    return redirect(back)


def _read(text: str) -> dict[str, Any]:
    """The signed change; empty if it is not ours."""
    try:
        change: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return {}
    return change


def _take_back(request: HttpRequest, change: dict[str, Any], actor: Actor) -> None:
    undoer = _undoers[change["kind"]]
    try:
        done = undoer(Change(change["about"], datetime.fromisoformat(change["at"]), actor))
    except (NotUndone, Conflict) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
