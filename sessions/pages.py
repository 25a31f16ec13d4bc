"""HTML pages of live sessions, which pages call lessons: the list and the page of one."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework.utils.urls import remove_query_param

from classes.models import Class
from classes.pages import ClassPage
from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from classes.tabs import CLASS_ACTIONS, ClassTab, class_header, register_tab
from sessions import repeat_form
from sessions.admission import Status
from sessions.attendance.file_form import AttendanceFileForm
from sessions.attendance.summary import attendance_context, attendance_of
from sessions.by_time import PastLessons
from sessions.calendars.parts import subscription
from sessions.class_zone import zone_of
from sessions.forms import CancelForm, EndForm, RenewLinksForm, SessionChangesForm, SessionFilterForm
from sessions.lesson_links import can_have_tokens, links_of
from sessions.lesson_pages import page_context
from sessions.lesson_states import badge_of, state_of
from sessions.lookups import class_named, session_for
from sessions.models import LiveSession
from sessions.overlaps import overlapping, overlapping_form
from sessions.permissions import MayRead, may_change
from sessions.planned_series import set_dates
from sessions.schedule import choice_of, classes_to_choose
from sessions.schedule_form import ScheduleForm
from sessions.series_words import only_others_changed, place_of
from tutorarc.api.browsable import HtmlPage, Page
from tutorarc.api.page_slots import PartContext
from tutorarc.models import User


class SessionPage(HtmlPage):
    success_messages = {
        "create": _("Lesson scheduled. Now share the student link."),
        "partial_update": _("Changes saved."),
        "cancel": _("Lesson cancelled."),
        "end": _("Lesson ended. Nobody can enter it any more."),
        "renew_links": _("Links renewed. Those from before no longer work without signing in."),
    }

    detail_overrides = repeat_form.ERRORS

    def page(self) -> Page:
        if self.status == 401 or self.is_throttled_read:
            return self.refusal()
        if self.action == "list":
            return self.list_page()
        if self.is_question:
            self.response.status_code = self.status = HTTPStatus.OK
        if self.action == "create" and self.error:
            return self.new_lesson_page() if self.may("create") else self.refusal()
        self.reload_object()
        session = getattr(self.view, "session", None) or self.created()
        return self.session_page(session) if session and self.may_read(session) else self.refusal()

    def may_read(self, session: LiveSession) -> bool:
        return MayRead().has_object_permission(self.request, self.view, session)

    def created(self) -> LiveSession | None:
        """The session, or the first one of the series, that the call has created."""
        if self.error:
            return None
        first, *_ = self.data["data"].get("sessions", [self.data["data"]])
        return session_for(self.user, first["sessionId"])

    def base_context(self) -> dict[str, Any]:
        context = super().base_context()
        if self.action == "list" and "cursor" in self.request.query_params:  # positions of the API's list are others
            context["as_json"] = remove_query_param(context["as_json"], "cursor")
        if self.changed and self.action == "create" and (number := len(self.data["data"].get("sessions", ()))):
            sentence = ngettext("{number} lesson scheduled.", "{number} lessons scheduled.", number)
            context["success"] = sentence.format(number=number)
        if self.changed and (sentence := only_others_changed(self.action, self.view, self.typed)):
            context["success"] = sentence
        return context

    @property
    def is_question(self) -> bool:
        """Whether the page only asks to check the dates of a series: nothing is wrong."""
        details = self.error["details"] if self.error else []
        return [detail["code"] for detail in details] == [repeat_form.CHECK_DATES]

    @property
    def problem(self) -> str:
        return "" if self.is_question else super().problem

    def list_page(self) -> Page:
        now = timezone.now()
        class_id = "" if self.error else self.request.query_params.get("classId", "").strip()
        klass = class_named(class_id, self.user) if class_id else None
        is_member = klass is not None and (self.user.is_admin or klass.my_status == MembershipStatus.APPROVED)
        lists = [{**part, "rows": self.rows_of(part, now)} for part in self.parts(now)]
        can_schedule = can_schedule_in(self.user, klass) if klass else self.may("create")
        return "sessions/list.html", {
            "title": _("Lessons"),
            "filters": self.filters(SessionFilterForm),
            "lists": lists,
            "has_rows": any(part["rows"] for part in lists),
            "class_header": class_header(self, klass, "lessons") if klass and is_member else None,
            "subscribe": subscription(klass) if klass and is_member and not klass.is_archived else None,
            "file": AttendanceFileForm(klass) if klass and can_manage_class(self.user, klass) else None,
            "new_lesson": lesson_new(klass) if can_schedule else "",
            "reload": reverse("session-list", query={"classId": class_id} if class_id else None),
        }

    def parts(self, now: datetime) -> list[dict[str, Any]]:
        """The lists on the page: coming and past lessons, or more of one of them."""
        if self.error:
            return []
        if self.view.paginator.ordering.descending:
            return [{"name": "past", "label": _("Past"), **self.listing()}]
        coming = {"name": "coming", "label": _("Coming"), **self.listing()}
        if "cursor" in self.request.query_params:
            return [coming]
        filtered = self.view.filter_queryset(LiveSession.objects.all())
        past = self.first_page(filtered, self.request.get_full_path(), PastLessons(self.view, now))
        return [coming, {"name": "past", "label": _("Past"), **past}]

    def rows_of(self, part: dict[str, Any], now: datetime) -> list[dict[str, Any]]:
        """The lessons of a list with their badges; past ones also with what is told of attendance."""
        attendance = attendance_of(self.user, part["rows"]) if part["name"] == "past" else {}
        return [{**row, "attendance": attendance.get(row["session"].pk)} for row in with_badges(part["rows"], now)]

    def new_lesson_page(self) -> Page:
        """The form again, with what was typed and what is wrong."""
        typed: Any = self.typed or {}
        chosen = class_named(typed.get("classId", "").strip(), self.user)
        klass = chosen if typed.get("isFixed") else None
        classes = [] if klass else classes_to_choose(self.user)
        # Keep a submitted class that isn't among the choices.
        if chosen and not klass and chosen.pk not in {choice.pk for choice in classes}:
            classes.append(choice_of(chosen))
        address, zone = reverse("session-list"), zone_of(chosen)
        form = self.form(ScheduleForm, "create", address, classes=classes, klass=klass, zone=zone)
        if self.typed is not None:
            set_dates(form, self.typed, self.user, is_asked=self.is_question)
        overlaps = overlapping_form(self.user, form)
        context = {**page_context(klass), "form": form, "overlaps": overlaps, "address": lesson_new(klass)}
        return "sessions/new_lesson.html", context

    def session_page(self, session: LiveSession) -> Page:
        can_manage = may_change(self.user, session)
        klass = session.klass if self.knows_class(session) else None
        context: dict[str, Any] = {
            **state_of(session, timezone.now(), can_manage=can_manage),
            "title": session.title,
            "place": place_of(session),
            "session": session,
            "klass": klass,
            "crumbs": page_context(klass)["crumbs"],
            "can_manage": can_manage,
            **links_of(self.user, session, can_manage=can_manage),
            "address": reverse("session-detail", args=[session.pk]),
            **attendance_context(self.user, session),
        }
        if can_manage and not session.is_class_archived:
            context["next_lesson"] = reverse("lesson-new", query={"like": session.pk})
        if can_manage and (context["can_be_moved"] or self.refused("partial_update")):
            context["edit"] = self.edit_form(session)
        if can_manage and context["takes_place"]:
            context |= self.action_context(session)
            context["overlaps"] = self.overlaps(session)
        return "sessions/session.html", context

    def knows_class(self, session: Any) -> bool:
        return self.user.is_admin or session.my_status == MembershipStatus.APPROVED

    def overlaps(self, session: Any) -> list[LiveSession]:
        """Other lessons of the user at the same time, if this one is theirs, not only an administrator's to change."""
        if session.created_by_id != self.user.pk and session.my_status != MembershipStatus.APPROVED:
            return []
        return overlapping(self.user, session.start_time, session.end_time, other_than=session.pk)

    def edit_form(self, session: LiveSession) -> SessionChangesForm:
        before = {
            "title": session.title,
            "startTime": session.start_time,
            "duration": session.duration,
            "strict": session.strict,
            "roomUrl": session.room_url,
        }
        address = reverse("session-detail", args=[session.pk])
        has_scope = session.series_id is not None
        return self.form(
            SessionChangesForm,
            "partial_update",
            address,
            initial=before,
            has_scope=has_scope,
            zone=zone_of(session.klass),
        )

    def action_context(self, session: LiveSession) -> dict[str, Any]:
        forms = {"end_form": self.form(EndForm, "end", reverse("session-end", args=[session.pk]))}
        if session.status == Status.SCHEDULED:
            forms["cancel_form"] = self.form(
                CancelForm,
                "cancel",
                reverse("session-cancel", args=[session.pk]),
                has_scope=session.series_id is not None,
            )
        if can_have_tokens(session):
            renew = reverse("session-renew-links", args=[session.pk])
            forms["renew_links"] = self.form(RenewLinksForm, "renew_links", renew)
        return forms


def with_badges(sessions: list[LiveSession], now: datetime) -> list[dict[str, Any]]:
    return [{"session": session, "badge": badge_of(session, now)} for session in sessions]


class ClassOrSessionPage(ClassPage):
    """Page of `POST /classes`, which creates either a class or a live session."""

    def page(self) -> Page:
        if self.view.takes_live_session:
            return SessionPage(self.view, self.request, self.response, self.data).page()
        return super().page()


def lesson_new(klass: Class | None) -> str:
    return reverse("lesson-new", query={"class": klass.pk} if klass else None)


def can_schedule_in(user: User, klass: Class) -> bool:
    return can_manage_class(user, klass) and not klass.is_archived


def schedule_action(page: HtmlPage, klass: Class) -> PartContext | None:
    """The button to schedule a lesson, in the header of a class."""
    return {"address": lesson_new(klass)} if can_schedule_in(page.user, klass) else None


def _lessons(klass: Class) -> str:
    return reverse("session-list", query={"classId": klass.pk})


register_tab(ClassTab("lessons", _("Lessons"), _lessons, order=10))
CLASS_ACTIONS.register("sessions/schedule_action.html", schedule_action)
