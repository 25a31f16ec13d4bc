"""What the card of a class says about its people."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from classes.cards import Facts, register_card_facts
from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import ClassRole, MembershipStatus
from members.models import Membership
from tutorarc.db.counting import Count
from tutorarc.models import User

MANY = 999  # counts stop here
TEACHERS_SHOWN = 2


def people_of_cards(user: User, class_ids: Sequence[str]) -> Facts:
    """Teachers, the number of students and, for those who can answer them, of requests. One statement."""
    return {klass.pk: dict(_facts(user, klass)) for klass in _with_people(user, class_ids)}


def _with_people(user: User, class_ids: Sequence[str]) -> QuerySet[Class]:
    """Each part is read from the start of an index, up to a limit."""
    members = Membership.objects.filter(klass=OuterRef("pk"), status=MembershipStatus.APPROVED)
    students = members.filter(role=ClassRole.STUDENT).order_by().values("pk")
    waiting = Membership.objects.filter(klass=OuterRef("pk"), status=MembershipStatus.PENDING).order_by().values("pk")
    teachers = members.filter(role=ClassRole.TEACHER).order_by("pk").values("user__display_name")
    names = {f"teacher_{place}": Subquery(teachers[place : place + 1]) for place in range(TEACHERS_SHOWN + 1)}
    counts = {"students": Count(students[: MANY + 1]), "requests": Count(waiting[: MANY + 1])}
    return Class.objects.with_role_of(user).filter(pk__in=class_ids).only("status").annotate(**counts, **names)


def _facts(user: User, klass: Any) -> Iterator[tuple[str, Any]]:
    names = [name for place in range(TEACHERS_SHOWN + 1) if (name := getattr(klass, f"teacher_{place}"))]
    yield "teachers", names[:TEACHERS_SHOWN]
    yield "has_more_teachers", len(names) > TEACHERS_SHOWN
    yield "students", klass.students
    yield "shown_students", _bounded(klass.students)
    yield "is_teacher", klass.my_role == ClassRole.TEACHER
    if can_manage_class(user, klass) and not klass.is_archived:
        yield "can_invite", True
        yield "requests", klass.requests
        yield "shown_requests", _bounded(klass.requests)


def _bounded(number: int) -> str:
    return f"{MANY}+" if number > MANY else str(number)


register_card_facts(people_of_cards)
