"""The page to invite people to a class, by a list of addresses."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import Throttled

from classes.lookups import class_of_page
from classes.models import Class
from classes.roles import MembershipStatus as Status
from members.forms import InviteForm
from members.invitations.inviting import Outcome, invite_people
from members.invitations.pages import REFUSALS
from members.messages import sentence_of_done, sentence_of_no_seat, sentence_of_not_done
from tutorarc.domain.events import Actor
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.public_url import link_for_others
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.mail.outgoing import sends_mail


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def invite_page(request: HttpRequest, class_id: str) -> HttpResponse:
    """For teachers of the class and administrators. Raises Http404 and PermissionDenied."""
    klass = class_of_page(request, class_id)
    if request.method == "POST":
        return _invite(request, klass)
    return _page(request, klass, InviteForm())


def _page(request: HttpRequest, klass: Class, form: InviteForm, refusal: Any = "", status: int = 200) -> HttpResponse:
    overview = reverse("class-detail", args=[klass.pk])
    crumbs = [(klass.title, overview), (_("People"), reverse("member-list", args=[klass.pk]))]
    context = {"title": _("Invite people"), "crumbs": crumbs, "klass": klass, "form": form, "refusal": refusal}
    shared = {"share": f"{overview}#invite", "sends_mail": sends_mail()}
    return render(request, "members/invite.html", context | shared, status=status)


def _invite(request: HttpRequest, klass: Class) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, klass, form, status=400)
    guests, role, message = form.guests, form.cleaned_data["role"], form.cleaned_data["message"]
    by, site = Actor(signed_in_user(request)), link_for_others(request)
    try:
        outcome = invite_people(klass, guests, role, by, message=message, site=site)
    except Class.Archived as archived:
        return _page(request, klass, form, REFUSALS[archived.reason], status=409)
    except Throttled:
        return _page(request, klass, form, REFUSALS[ErrorReason.TOO_MANY_INVITATIONS], status=429)
    messages.success(request, format_html_join(" ", "{}", ([sentence] for sentence in _sentences(outcome))))
    return redirect("member-list", klass.pk)


def _sentences(outcome: Outcome) -> list[Any]:
    told: list[Any] = []
    if count := len(outcome.invited):
        words = ngettext("%(count)s invitation sent.", "%(count)s invitations sent.", count)
        told.append(words % {"count": count})
    if outcome.let_in:
        told.append(sentence_of_done("create", outcome.let_in, len(outcome.let_in)))
    if outcome.already_in:
        told.append(sentence_of_not_done(Status.APPROVED, outcome.already_in))
    if outcome.cannot_teach:
        told.append(sentence_of_not_done(Status.PENDING, outcome.cannot_teach))
    if outcome.no_seat:
        told.append(sentence_of_no_seat(outcome.no_seat))
    return told
