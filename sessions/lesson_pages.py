"""The page to schedule a lesson. Its form is sent to `POST /api/v1/sessions`."""

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.models import Class
from classes.permissions import can_manage_class
from sessions.class_zone import zone_of
from sessions.lookups import class_named, session_for
from sessions.models import LiveSession
from sessions.overlaps import overlapping_form
from sessions.permissions import may_change
from sessions.planned_series import set_dates
from sessions.schedule import classes_to_choose, values_for
from sessions.schedule_form import ScheduleForm, is_sent, times_in
from tutorarc.http.signed_in_user import signed_in_user
from tutorarc.models import User


@require_safe
@login_required
@never_cache
def new_lesson(request: HttpRequest) -> HttpResponse:
    """The form, for `?class=` or for any class; with `?like=` filled in with another lesson, one week later.

    With the times of the form itself in the query, it says what else goes on at these.
    """
    user = signed_in_user(request)
    class_id, former = request.GET.get("class", ""), _former(request, user)
    klass = former.klass if former else class_named(class_id, user)
    if reason := _refusal(user, klass, former, is_unknown=bool(class_id) and klass is None):
        context = {"title": _("Schedule a lesson"), "reason": reason, "klass": klass}
        return render(request, "sessions/cannot_schedule.html", context, status=403)
    context = new_lesson_context(user, klass, former, request.GET)
    return render(request, "sessions/new_lesson.html", context)


def new_lesson_context(
    user: User, klass: Class | None, former: LiveSession | None = None, sent: QueryDict | None = None
) -> dict[str, Any]:
    """`sent` has the typed times, if there are any."""
    initial = values_for(user, klass, former, timezone.now())
    typed = sent if sent is not None and is_sent(sent) else None
    chosen = klass or (class_named(typed.get("classId", "").strip(), user) if typed else None)
    classes = [] if klass else classes_to_choose(user)
    options: dict[str, Any] = {"classes": classes, "klass": klass, "zone": zone_of(chosen)}
    form = ScheduleForm("create", reverse("session-list"), **options, initial=initial | times_in(typed))
    if typed:
        set_dates(form, typed, user, is_asked=False)
    return {**page_context(klass), "form": form, "former": former, "overlaps": overlapping_form(user, form)}


def page_context(klass: Class | None) -> dict[str, Any]:
    lessons = reverse("session-list")
    crumbs = [(_("Lessons"), lessons)]
    if klass:
        crumbs = [
            (klass.title, reverse("class-detail", args=[klass.pk])),
            (_("Lessons"), reverse("session-list", query={"classId": klass.pk})),
        ]
    return {"title": _("Schedule a lesson"), "crumbs": crumbs}


def _former(request: HttpRequest, user: User) -> LiveSession | None:
    with suppress(Http404):
        session = session_for(user, request.GET.get("like", ""))
        return session if may_change(user, session) else None
    return None


def _refusal(user: User, klass: Class | None, former: LiveSession | None, *, is_unknown: bool) -> str:
    """Why nothing can be scheduled; empty if it can."""
    if not user.can_teach:
        return _("Only teachers schedule lessons. Ask your teacher about the next one.")
    if is_unknown or (klass and not (former or can_manage_class(user, klass))):
        return _("You don’t teach this class, so you can’t schedule lessons for it.")
    if klass and klass.is_archived:
        return _("This class is archived: no lessons can be scheduled for it. Restore the class first.")
    return ""
