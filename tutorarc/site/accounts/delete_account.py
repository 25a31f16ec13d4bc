"""The pages on which people delete their account (docs/privacy.md, "Deletion")."""

from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from members.only_teacher import taught_alone
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.http.confirmation import require_confirmation
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User
from tutorarc.webhooks.models import Endpoint

NAMED = 10  # of each list


class Some(NamedTuple):
    """The first rows of a list, and how many more there are."""

    rows: list[Any]
    more: int


@require_safe
@login_required
@never_cache
def delete_account(request: HttpRequest) -> HttpResponse:
    """What will happen."""
    return render(request, "account/delete.html", {"sends_mail": sends_mail()})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def confirm_deletion(request: HttpRequest) -> HttpResponse:
    """What ends, by name, and the button. Raises ReauthenticationRequired."""
    require_confirmation(request)
    user = signed_in_user(request)
    if request.method != "POST":
        return render(request, "account/delete_confirm.html", _what_ends(user))
    try:
        user.close_for_deletion(Actor(user))
    except User.SignedOut:
        return redirect_to_login(request.path)
    except (Membership.LastTeacher, User.LastSuperuser):  # since the page was shown
        return render(request, "account/delete_confirm.html", _what_ends(user), status=409)
    request.session.flush()  # no sign-out for the security log, from which the job removes the browser
    return redirect("account-deleted")


@require_safe
@never_cache
def account_deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "account/deleted.html", {"sends_mail": sends_mail()})


def _what_ends(user: User) -> dict[str, Any]:
    joined = user.memberships.filter(status="APPROVED", klass__status=Class.Status.ACTIVE)
    coming = LiveSession.objects.upcoming(timezone.now()).filter(created_by=user)
    return {
        "taught_alone": _some(taught_alone(user)),
        "is_last_superuser": user.is_last_superuser,
        "classes": _some(Class.objects.filter(pk__in=joined.values("klass")).order_by("-pk")),
        "lessons": _some(coming.filter(klass=None)),
        "lessons_of_classes": coming.exclude(klass=None).count(),
        "keys": _some(ApiKey.objects.usable().filter(owner=user)),
        "webhooks": _some(Endpoint.objects.filter(owner=user)),
    }


def _some(rows: QuerySet[Any]) -> Some:
    return Some(list(rows[:NAMED]), max(0, rows.count() - NAMED))
