"""The waiting list of a class whose code lets everybody in (docs/contract.md, "Class codes").

The person who has waited longest gets a seat in the transaction that makes it free.
"""

from itertools import islice
from typing import Any

from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from classes.seats import free_seats
from members.moves import move
from tutorarc.domain.events import SYSTEM, record

TOGETHER = 500  # people in one statement


def give_free_seats(klass: Class) -> dict[str, Any]:
    """Approve the people who have waited longest, as long as there are free seats. Returns memberships by user id.

    `klass` is locked exclusively. Makes no statement for a class with another mode. Pending teachers are left out: they
    need an approval.
    """
    if klass.code_mode != Class.CodeMode.OPEN:
        return {}
    waiting = klass.memberships.filter(status=Status.PENDING, role=ClassRole.STUDENT).order_by("pk")
    people = iter(list(waiting.values_list("user_id", flat=True)[: free_seats(klass)]))
    seated: dict[str, Any] = {}
    while some := list(islice(people, TOGETHER)):
        [members] = move(klass, some, [Status.PENDING], Status.APPROVED).values()
        record(members, SYSTEM, verb="approve", from_status=Status.PENDING)
        seated |= {member.user_id: member for member in members}
    return seated
