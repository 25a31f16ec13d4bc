"""The home page."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from classes.cards import ClassCard, class_cards
from classes.examples import NEW_CLASS
from classes.models import Class
from classes.roles import MembershipStatus
from sessions.calendars.parts import subscription
from sessions.cards import by_next_lesson
from sessions.home_parts import coming_lessons, next_lesson
from sessions.models import LiveSession
from tutorarc.api import json
from tutorarc.api.home_parts import NEEDS_YOU
from tutorarc.http.public_url import site_url
from tutorarc.models import User

DAYS_SHOWN = timedelta(days=7)
CLASSES_SHOWN, CLASSES_SORTED, REQUESTS_SHOWN = 12, 100, 5
PEOPLE_IN_PICTURE = ({"display_name": "Mateo García"}, {"display_name": "Nadia Ivanova"})


@dataclass
class FirstSteps:
    """What a teacher has done of the steps to a first lesson."""

    has_class: bool
    is_code_shared: bool
    has_lesson: bool

    @property
    def are_done(self) -> bool:
        return self.has_class and self.is_code_shared and self.has_lesson


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if not user.is_authenticated:
        return render(request, "tutorarc/welcome.html", {"call": _first_call(request), "people": PEOPLE_IN_PICTURE})
    now = timezone.now()
    lessons = coming_lessons(user, now)
    cards = class_cards(user, by_next_lesson(_classes(user), now)[: CLASSES_SHOWN + 1])
    context: dict[str, Any] = {
        "next": next_lesson(user, lessons, now),
        "coming": [lesson for lesson in lessons[1:] if lesson.start_time < now + DAYS_SHOWN],
        "subscribe": subscription(),
        "needs": NEEDS_YOU.fill(user),
        "cards": cards[:CLASSES_SHOWN],
        "has_more_classes": len(cards) > CLASSES_SHOWN,
        "has_archived": _memberships_or_all(user, Class.Status.ARCHIVED).exists(),
        "steps": _first_steps(user, cards) if user.is_teacher and len(cards) <= 1 else None,
        "requests": _requests(user) if user.is_student else [],
    }
    return render(request, "tutorarc/home.html", context)


def _memberships_or_all(user: User, status: str) -> QuerySet[Class]:
    """Classes that approved the user; for an administrator all."""
    classes = Class.objects.filter(status=status)
    return classes if user.is_admin else classes.filter(memberships__user=user, memberships__status="APPROVED")


def _classes(user: User) -> QuerySet[Class]:
    """The newest active classes, so that no more than these are sorted."""
    newest = _memberships_or_all(user, Class.Status.ACTIVE).order_by("-pk").values("pk")[:CLASSES_SORTED]
    return Class.objects.filter(pk__in=newest)


def _first_steps(user: User, cards: list[ClassCard]) -> FirstSteps | None:
    steps = FirstSteps(
        has_class=bool(cards),
        is_code_shared=any(card.facts["students"] or card.facts["requests"] for card in cards),
        has_lesson=LiveSession.objects.filter(created_by=user).exists(),
    )
    return None if steps.are_done else steps


def _requests(user: User) -> Any:
    """The newest join requests of a student that nobody has approved, and what became of them."""
    others = user.memberships.exclude(status=MembershipStatus.APPROVED)
    return list(others.select_related("klass").order_by("-pk")[:REQUESTS_SHOWN])


def _first_call(request: HttpRequest) -> str:
    """The first call of a developer, to paste into a terminal."""
    lines = (
        f"curl -X POST {site_url(request, '/api/v1/classes')}",
        '-H "X-API-Key: YOUR_KEY"',
        '-H "Content-Type: application/json"',
        f"-d '{json.dump(NEW_CLASS).decode()}'",
    )
    return " \\\n  ".join(lines)
