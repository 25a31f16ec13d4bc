"""Counts of pending requests for teachers."""

from django.db.models import OuterRef, QuerySet, Subquery

from classes.models import Class
from classes.roles import MembershipStatus
from members.models import Membership
from tutorarc.db.counting import Count
from tutorarc.models import User

MAX_CLASSES = 500
MAX_COUNTED = 100


def classes_with_people_waiting(teacher: User) -> QuerySet[Class]:
    """A teacher's active classes with pending requests, oldest request first, with their number as `waiting`.

    Reads the newest 500 classes and counts up to 100 requests in each, by an index.
    """
    pending = (
        Membership.objects.filter(klass=OuterRef("pk"), status=MembershipStatus.PENDING).order_by("pk").values("pk")
    )
    taught = Membership.objects.teachers().filter(user=teacher).order_by("-klass").values("klass")[:MAX_CLASSES]
    classes = Class.objects.filter(pk__in=taught, status=Class.Status.ACTIVE)
    counted = classes.annotate(longest=Subquery(pending[:1]), waiting=Count(pending[:MAX_COUNTED]))
    return counted.filter(longest__isnull=False).order_by("longest")
