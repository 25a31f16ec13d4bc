"""HTML pages of live sessions: the list and the page of one session."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from classes.pages import ClassPage
from classes.permissions import can_manage_class
from classes.roles import ClassRole, MembershipStatus
from classes.tabs import CLASS_ACTIONS, ClassTab, register_tab
from sessions.admission import Status
from sessions.forms import (
    STATUS_LABELS,
    CancelForm,
    EndForm,
    NewSessionForm,
    RenewLinksForm,
    SessionChangesForm,
    SessionFilterForm,
)
from sessions.lookups import session_for
from sessions.models import LiveSession
from sessions.permissions import MayRead, may_change
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.page_slots import PartContext

CLASSES_TO_CHOOSE = 100


class SessionPage(HtmlPage):
    success_messages = {
        "create": "Session scheduled. Share its links.",
        "partial_update": "Changes saved.",
        "cancel": "Session cancelled.",
        "end": "Session ended. Nobody can enter it any more.",
        "renew_links": "New teacher link created. The old one no longer works without signing in.",
    }

    def page(self) -> Page:
        if self.status == 401 or self.is_throttled_read:
            return self.refusal()
        if self.action == "list":
            return self.list_page()
        if self.action == "create" and self.error:
            return self.new_session_page() if self.may("create") else self.refusal()
        self.reload_object()
        session = getattr(self.view, "session", None) or self.created()
        return self.session_page(session) if session and self.may_read(session) else self.refusal()

    def may_read(self, session: LiveSession) -> bool:
        return MayRead().has_object_permission(self.request, self.view, session)

    def created(self) -> LiveSession | None:
        return None if self.error else session_for(self.user, self.data["data"]["sessionId"])

    def listing(self) -> dict[str, Any]:
        listing = super().listing()
        return listing | {"rows": [(session, *badge_of(session)) for session in listing["rows"]]}

    def list_page(self) -> Page:
        listing = self.listing()
        chosen = "" if self.error else self.request.query_params.get("classId", "").strip()
        return "sessions/list.html", {
            **listing,
            "title": "Live sessions",
            "filters": self.filters(SessionFilterForm),
            "klass": self.class_named(chosen) if chosen else None,
            "new": self.new_form(chosen) if self.may("create") else None,
            "reload": self.request.path,
        }

    def class_named(self, class_id: str) -> Class | None:
        """The class that the list is filtered by, if the user may see it."""
        with suppress(ValidationError):  # a malformed id
            return Class.objects.visible_to(self.user).filter(pk=class_id).first()
        return None

    def new_form(self, chosen: str = "") -> NewSessionForm:
        classes = self.classes()
        # Keep a submitted class that isn't among the choices, instead of showing "None".
        if self.refused("create") and self.typed is not None:
            sent = self.class_named(self.typed.get("classId", "").strip())
            classes += [(sent.pk, sent.title)] if sent and sent.pk not in dict(classes) else []
        options = {"classes": classes, "initial": {"teacherId": self.user.pk, "classId": chosen}}
        return self.form(NewSessionForm, "create", reverse("session-list"), **options)

    def classes(self) -> list[tuple[str, str]]:
        """The newest active classes that the user teaches, as choices."""
        teaches = Q(
            memberships__user=self.user,
            memberships__role=ClassRole.TEACHER,
            memberships__status=MembershipStatus.APPROVED,
        )
        classes = Class.objects.filter(teaches, status=Class.Status.ACTIVE).order_by("-pk")[:CLASSES_TO_CHOOSE]
        return [(klass.pk, f"{klass.title} ({klass.class_code})") for klass in classes]

    def new_session_page(self) -> Page:
        address = reverse("session-list")
        return "browse/form_page.html", {
            "title": "Schedule a live session",
            "trail": [("Live sessions", address)],
            "address": address,
            "form": self.new_form(),
        }

    def session_page(self, session: LiveSession) -> Page:
        badge_class, badge_text = badge_of(session)
        can_be_moved = session.can_be_moved and not session.is_class_archived
        takes_place = can_be_moved and session.status != Status.ENDED
        context: dict[str, Any] = {
            "title": session.title,
            "session": session,
            "takes_place": takes_place,
            "can_be_moved": can_be_moved,
            "badge_class": badge_class,
            "badge_text": badge_text,
            "can_manage": may_change(self.user, session),
            "teacher_link": session.teacher_link_for(self.user),
            "address": reverse("session-detail", args=[session.pk]),
            "trail": [("Live sessions", reverse("session-list"))],
            "klass": session.klass if self.knows_class(session) else None,
        }
        if context["can_manage"] and (can_be_moved or self.refused("partial_update")):
            context["edit"] = self.edit_form(session)
        if context["can_manage"] and takes_place:
            context |= self.action_context(session)
        return "sessions/session.html", context

    def knows_class(self, session: Any) -> bool:
        return self.user.is_admin or session.my_status == MembershipStatus.APPROVED

    def edit_form(self, session: LiveSession) -> SessionChangesForm:
        before = {
            "title": session.title,
            "startTime": session.start_time,
            "duration": session.duration,
            "strict": session.strict,
            "roomUrl": session.room_url,
        }
        address = reverse("session-detail", args=[session.pk])
        return self.form(SessionChangesForm, "partial_update", address, initial=before)

    def action_context(self, session: LiveSession) -> dict[str, Any]:
        forms = {"end": self.form(EndForm, "end", reverse("session-end", args=[session.pk]))}
        if session.status == Status.SCHEDULED:
            forms["cancel"] = self.form(CancelForm, "cancel", reverse("session-cancel", args=[session.pk]))
        if settings.SIGNED_TEACHER_LINKS:
            renew = reverse("session-renew-links", args=[session.pk])
            forms["renew_links"] = self.form(RenewLinksForm, "renew_links", renew)
        return forms


class ClassOrSessionPage(ClassPage):
    """Page of `POST /classes`, which creates either a class or a live session."""

    def page(self) -> Page:
        if self.view.takes_live_session:
            return SessionPage(self.view, self.request, self.response, self.data).page()
        return super().page()


def schedule_action(page: HtmlPage, klass: Class) -> PartContext | None:
    """The button to schedule a lesson, in the header of a class."""
    if klass.is_archived or not can_manage_class(page.user, klass):
        return None
    return {"address": f"{_lessons(klass)}#new"}


def _lessons(klass: Class) -> str:
    return reverse("session-list", query={"classId": klass.pk})


register_tab(ClassTab("lessons", _("Lessons"), _lessons, order=10))
CLASS_ACTIONS.register("sessions/schedule_action.html", schedule_action)


def badge_of(session: LiveSession) -> tuple[str, str]:
    """CSS class and text of the status badge."""
    css_classes = {Status.SCHEDULED: "ending", Status.LIVE: "active"}
    return css_classes.get(session.status, ""), STATUS_LABELS[session.status]
