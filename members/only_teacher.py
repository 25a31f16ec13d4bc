"""Which classes somebody teaches alone."""

from django.db.models import Exists, OuterRef, QuerySet

from classes.models import Class
from members.models import Membership
from tutorarc.models import User


def taught_alone(user: User) -> QuerySet[Class]:
    """The active classes of which this person is the only active teacher, the newest first."""
    teaching = Membership.objects.active_teachers().filter(klass=OuterRef("pk"))
    mine, others = teaching.filter(user=user), teaching.exclude(user=user)
    return Class.objects.filter(Exists(mine), ~Exists(others), status=Class.Status.ACTIVE).order_by("-pk")
