"""What members show on the home page: invitations to accept, join requests to answer, and guessed class codes."""

from collections.abc import Sequence
from typing import NamedTuple

from classes.models import Class
from classes.roles import MembershipStatus
from members.guessed_codes import guessed_classes
from members.models import Invitation, Membership
from members.pending import MAX_COUNTED, classes_with_people_waiting
from tutorarc.api.home_parts import NEEDS_YOU
from tutorarc.api.page_slots import PartContext
from tutorarc.db.keyset import Window, branch_keys
from tutorarc.models import User

CLASSES_SHOWN, PEOPLE_SHOWN, INVITATIONS_SHOWN = 5, 5, 10
FIRST = Window(("pk",), descending=False, size=PEOPLE_SHOWN)


class Queue(NamedTuple):
    """A class with requests: how many, up to a limit, and the first people."""

    klass: Class
    number: str
    members: list[Membership]

    @property
    def has_more(self) -> bool:
        return self.klass.waiting > len(self.members)  # type: ignore[attr-defined]


def requests(user: User) -> PartContext | None:
    """The classes with the oldest requests. Two statements, one if there is none."""
    if user.is_student:
        return None
    classes = list(classes_with_people_waiting(user)[: CLASSES_SHOWN + 1])
    shown = classes[:CLASSES_SHOWN]
    people = _first_people(shown) if shown else []
    queues = [_queue(klass, [member for member in people if member.klass_id == klass.pk]) for klass in shown]
    return {"queues": queues, "has_more": len(classes) > CLASSES_SHOWN} if queues else None


def guessed_codes(user: User) -> PartContext | None:
    classes = [] if user.is_student else guessed_classes(user)
    return {"classes": classes[:CLASSES_SHOWN]} if classes else None


def _first_people(classes: Sequence[Class]) -> list[Membership]:
    """The first few who wait in each class, by a union that stops in each of them."""
    pending = Membership.objects.filter(status=MembershipStatus.PENDING)
    first, *others = (branch_keys(Membership, pending.filter(klass=klass), "pk", FIRST) for klass in classes)
    return list(Membership.objects.filter(pk__in=first.union(*others)).select_related("user").order_by("pk"))


def _queue(klass: Class, members: list[Membership]) -> Queue:
    waiting: int = klass.waiting  # type: ignore[attr-defined]
    return Queue(klass, f"{waiting}+" if waiting == MAX_COUNTED else str(waiting), members)


def invitations(user: User) -> PartContext | None:
    """Invitations to the user's address, oldest first. One statement."""
    found = list(Invitation.objects.to(user)[:INVITATIONS_SHOWN])
    return {"invitations": found} if found else None


NEEDS_YOU.register("members/home/invitations.html", invitations, order=-10)
NEEDS_YOU.register("members/home/requests.html", requests, order=0)
NEEDS_YOU.register("members/home/guessed_codes.html", guessed_codes, order=40)
