"""What the card of a class says about its lessons."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from classes.cards import Facts, register_card_facts
from classes.models import Class
from sessions.models import LiveSession
from tutorarc.models import User


def lessons_of_cards(_user: User, class_ids: Sequence[str]) -> Facts:
    """The current or next lesson of each class. One statement."""
    following = _next_of_each(timezone.now()).values("pk")
    keys = Class.objects.filter(pk__in=class_ids).order_by().annotate(next=Subquery(following[:1])).values("next")
    lessons = LiveSession.objects.filter(pk__in=keys).only("klass_id", "title", "start_time", "end_time")
    return {lesson.klass_id: {"next_lesson": lesson} for lesson in lessons if lesson.klass_id}


def by_next_lesson(classes: QuerySet[Class], now: datetime) -> QuerySet[Class]:
    """Classes with a current or next lesson first, soonest first; then the others, newest first."""
    start = Subquery(_next_of_each(now).values("start_time")[:1])
    return classes.annotate(next_start=start).order_by(F("next_start").asc(nulls_last=True), "-pk")


def _next_of_each(now: datetime) -> QuerySet[LiveSession]:
    return LiveSession.objects.upcoming(now).filter(klass=OuterRef("pk"))


register_card_facts(lessons_of_cards)
