"""The page with what recently happened to the user's own account: sign-ins, passwords, factors, keys and rights."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tutorarc.db.ids import first_id_from
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import SecurityEvent, User
from tutorarc.models.security_event import PREFIX

SHOWN_FOR = timedelta(days=90)
ON_A_PAGE = 25
METHODS = {"password": "a password", "mfa": "a second factor", "code": "a code", "socialaccount": "another account"}
FACTORS = {"webauthn": "passkey", "totp": "authenticator app", "recovery_codes": "recovery codes", "all": "all of them"}
# What is said of the details of an event. Others are for staff.
NOTES: Mapping[str, Callable[[Any], str]] = {
    "method": lambda value: f"with {' and '.join(METHODS.get(one, one) for one in value.split(', '))}",
    "factor": lambda value: FACTORS.get(value, value),
    "previous_email": lambda value: f"it was {value}",
    "given": ", ".join,
    "taken": ", ".join,
    "ended": lambda value: {"one": "in one browser", "all": "everywhere else"}.get(value, value),
}


@require_safe
@login_required
@never_cache
def activity(request: HttpRequest) -> HttpResponse:
    """Newest first. `?before=` is the id of the last event of the page before; a malformed one is ignored."""
    user = signed_in_user(request)
    shown_for = min(SHOWN_FOR, settings.KEEP_SECURITY_LOG)
    since = first_id_from(PREFIX, timezone.now() - shown_for)
    events = SecurityEvent.objects.filter(user=user, pk__gte=since).order_by("-id")
    if before := _id(request.GET.get("before", "")):
        events = events.filter(pk__lt=before)
    found = list(events[: ON_A_PAGE + 1])
    context: dict[str, Any] = {"rows": [_row(event, user) for event in found[:ON_A_PAGE]], "days": shown_for.days}
    if len(found) > ON_A_PAGE:
        context["next"] = found[ON_A_PAGE - 1].pk
    return render(request, "account/activity.html", context)


def _id(text: str) -> str | None:
    try:
        return str(SecurityEvent._meta.pk.clean(text, None)) if text else None
    except ValidationError:
        return None


def _row(event: SecurityEvent, user: User) -> dict[str, Any]:
    """Browser and address are not those of others who have an account: of staff, or of the owner of a key."""
    is_by_other = event.actor_id not in (None, user.pk)
    return {
        "title": event.get_kind_display(),
        "note": "; ".join(note(event.details[name]) for name, note in NOTES.items() if event.details.get(name)),
        "at": event.last_at or event.created_at,
        "times": event.times,
        "is_by_other": is_by_other,
        "browser": "" if is_by_other else event.browser,
        "address": "" if is_by_other else event.address,
    }
