"""The home page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.guessed_codes import guessed_classes
from members.pending import MAX_COUNTED, classes_with_people_waiting
from sessions.models import LiveSession
from sessions.permissions import may_change
from tutorarc.db.keyset import Window
from tutorarc.models import User

SHOWN = 5
SOONEST = Window(("start_time", "pk"), descending=False, size=SHOWN)


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if not user.is_authenticated:
        return render(request, "tutorarc/welcome.html")
    context: dict[str, Any] = {"sessions": _next_sessions(user)}
    if user.is_student:
        context["requests"] = user.memberships.select_related("klass").order_by("-pk")[:SHOWN]
    else:
        context |= {"queues": classes_with_people_waiting(user)[:SHOWN], "most_counted": MAX_COUNTED}
        context["guessed_classes"] = guessed_classes(user)[:SHOWN]
    return render(request, "tutorarc/home.html", context)


def _next_sessions(user: User) -> list[dict[str, Any]]:
    """The next live sessions, each with the link for this user."""
    now = timezone.now()
    upcoming = LiveSession.objects.upcoming(now).visible_to(user, SOONEST).with_role_of(user)[:SHOWN]
    return [
        {
            "session": session,
            "is_on": session.start_time <= now,
            "link": session.teacher_link_for(user) if may_change(user, session) else session.student_link,
        }
        for session in upcoming
    ]
