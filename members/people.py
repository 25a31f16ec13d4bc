"""What the People tab of a class shows: its sections, their sizes, and since when people are where they are."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef

from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.models import Membership
from members.querysets import MembershipQuerySet
from tutorarc.db.counting import Count
from tutorarc.models import Event

MANY = 999  # counts on pages stop here
ON_A_PAGE = 50
REQUESTS_ON_A_PAGE = 100
Where = dict[str, Any]
STUDENTS: Where = {"role": ClassRole.STUDENT, "status": Status.APPROVED}
TEACHERS: Where = {"role": ClassRole.TEACHER, "status": Status.APPROVED}
REQUESTS: Where = {"status": Status.PENDING}
PAST: Where = {"status__in": [Status.REJECTED, Status.REMOVED]}
# The list behind the page of a class's people, as a query of the API.
STUDENTS_QUERY = f"role=STUDENT&status=APPROVED&ordering=name&page_size={ON_A_PAGE}"
LATEST = [f"membership.{what}" for what in ("requested", "reopened", "rejected", "removed", "left")]


class LatestChange(NamedTuple):
    """Such as `left` and when."""

    happened: str
    at: datetime


def sizes_of(klass: Class) -> dict[str, int]:
    """The size of each section, up to MANY + 1. One statement for a loaded class: its tab tells some of them too."""
    if known := vars(klass).get("sizes_of_sections"):
        return dict(known)
    sections = {"students": STUDENTS, "teachers": TEACHERS, "requests": REQUESTS, "past": PAST}
    counts = {name: Count(_of(OuterRef("pk"), where).values("pk")[: MANY + 1]) for name, where in sections.items()}
    sizes: Any = Class.objects.filter(pk=klass.pk).values(**counts).get()
    vars(klass)["sizes_of_sections"] = sizes
    return dict(sizes)


def bounded(number: int) -> str:
    return f"{MANY}+" if number > MANY else str(number)


def requests_of(klass: Class) -> MembershipQuerySet:
    """Those who wait longest."""
    return _of(klass, REQUESTS).select_related("user").order_by("pk")[:REQUESTS_ON_A_PAGE]


def teachers_of(klass: Class) -> MembershipQuerySet:
    return _of(klass, TEACHERS).select_related("user").order_by("folded_name", "pk")[:ON_A_PAGE]


def past_of(klass: Class) -> MembershipQuerySet:
    """People who left, were removed or declined, A to Z."""
    return _of(klass, PAST).select_related("user").order_by("folded_name", "pk")[:ON_A_PAGE]


def _of(klass: Any, where: Where) -> MembershipQuerySet:
    return Membership.objects.filter(klass=klass, **where)


def tell_latest_change(members: Iterable[Membership]) -> None:
    """Set `latest_change` of members who are not in the class: in one statement, and none without such members."""
    outside = [member for member in members if member.status != Status.APPROVED]
    latest = _latest([UUID(int=member.pk) for member in outside]) if outside else {}
    for member in outside:
        member.latest_change = latest.get(UUID(int=member.pk))


def _latest(object_ids: list[UUID]) -> dict[UUID, LatestChange]:
    about = Event.objects.filter(object_id__in=object_ids, type__in=LATEST)
    columns = ("pk", "object_id", "type", "created_at")
    # Two parts, because the indexes are of events with, and of events without a position.
    numbered, new = (about.filter(position__isnull=is_new).values_list(*columns) for is_new in (False, True))
    return {
        object_id: LatestChange(event_type.partition(".")[2], at)
        for _, object_id, event_type, at in sorted(numbered.union(new, all=True))
    }
