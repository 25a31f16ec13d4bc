"""The page of the invitations to a class, and its part on the People tab."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from classes.permissions import can_manage_class
from classes.tabs import class_header
from members.models import Invitation
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.http.error_reasons import ErrorReason

SHOWN = 50
DONE: dict[str, str | Promise] = {
    "resend": _("The invitation was sent again."),
    "destroy": _("The invitation was revoked."),
}
REFUSALS: dict[str, Any] = {
    Invitation.NotOpen.reason: _("This invitation was answered or revoked meanwhile."),
    Class.Archived.reason: _("This class is archived. Restore it to change something."),
    ErrorReason.TOO_MANY_INVITATIONS: _("You have invited as many people as one person can in a day. Try tomorrow."),
}


class InvitationsPage(HtmlPage):
    """After each call about invitations; the People tab takes its part from the answer."""

    success_messages = DONE

    def page(self) -> Page:
        self.reload_object()
        klass = getattr(self.view, "klass", None)
        if self.status in (401, 404) or klass is None or not can_manage_class(self.user, klass):
            return self.refusal()
        if self.error:
            self.error["message"] = REFUSALS.get(self.error["reason"], self.error["message"])
        listing = self.listing() if self.action == "list" else {}
        rows = listing.get("rows") if self.action == "list" else unanswered(klass)
        return "members/invitations/page.html", {
            **listing,
            "title": _("Invitations"),
            "class_header": class_header(self, klass, "people"),
            **invitations_context(klass, rows or []),
            "tabs": [self.tab(status, label, klass) for status, label in TABS],
        }

    def tab(self, status: str, label: Any, klass: Class) -> dict[str, Any]:
        query = {"status": status} if status else {}
        is_current = self.action == "list" and self.request.query_params.get("status", "") == status
        href = reverse("invitation-list", args=[klass.pk], query=query)
        return {"label": label, "href": href, "current": is_current}


TABS = (
    ("", _("All")),
    ("PENDING", _("Waiting")),
    ("ACCEPTED", _("Accepted")),
    ("DECLINED", _("Declined")),
    ("EXPIRED", _("Expired")),
    ("REVOKED", _("Revoked")),
)


def unanswered(klass: Class) -> Iterable[Invitation]:
    """Invitations that wait for an answer, or expired without one: the newest first."""
    return klass.invitations.unanswered().order_by("-pk")[:SHOWN]


def invitations_context(klass: Class, invitations: Iterable[Invitation]) -> dict[str, Any]:
    """Context of `members/invitations/section.html`."""
    return {
        "klass": klass,
        "invitations": list(invitations),
        "invitations_address": reverse("invitation-list", args=[klass.pk]),
        "can_invite": not klass.is_archived,
    }
