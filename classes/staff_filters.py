"""Filters of the list of classes in the admin site."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from classes.models import Class
from tutorarc.staff.saved_filters import OnlyFilter


class WithoutTeacher(OnlyFilter):
    """Active classes that nobody can lead: they have no approved teacher who is active and whose role allows it."""

    title, parameter_name, choice = "teachers", "no_teacher", "No active teacher"

    def only(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        memberships: Any = Class._meta.get_field("memberships").related_model
        teachers = memberships.objects.active_teachers().filter(klass=OuterRef("pk"))
        return rows.filter(~Exists(teachers), status=Class.Status.ACTIVE)
