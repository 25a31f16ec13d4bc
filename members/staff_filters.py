"""Filters of the list of memberships in the admin site."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from classes.models import Class
from classes.roles import MembershipStatus
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.staff.saved_filters import OnlyFilter

WEEK = timedelta(weeks=1)


class WaitingForAWeek(OnlyFilter):
    """Pending requests of active classes to which nothing happened within a week: the newest event began the wait."""

    title, parameter_name, choice = "request", "waiting", "Older than a week"

    def only(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        number_events()
        of_pair = Event.objects.numbered().filter(class_id=OuterRef("klass_id"), user_id=OuterRef("user_id"))
        lately = of_pair.filter(type__startswith="membership.", created_at__gt=timezone.now() - WEEK)
        waiting = rows.filter(status=MembershipStatus.PENDING, klass__status=Class.Status.ACTIVE)
        return waiting.filter(~Exists(lately.order_by()))
