"""What happens to memberships when people are renamed or stop teaching."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.dispatch import receiver

from classes.models import Class
from members.models import Membership
from members.querysets import MembershipQuerySet
from members.staff_rules import TeachesClasses
from tutorarc.domain.errors import Detail
from tutorarc.models import User
from tutorarc.models.signals import access_given, people_leave, people_renamed, people_stop_teaching

ANOTHER_FIRST = "Make somebody else a teacher of these classes first."
HAND_OVER_FIRST = "Hand these classes over to another teacher, or archive them, first."


@receiver(people_renamed)
def copy_names(people: Sequence[User], **_: Any) -> None:
    name = User.objects.filter(pk=OuterRef("user_id")).values("folded_name")
    Membership.objects.filter(user__in=people).update(folded_name=Subquery(name))


@receiver(access_given)
def refuse_access_to_teachers(person: User, **_: Any) -> None:
    """Raises TeachesClasses: who could sign in as a teacher would reach all that the teacher reaches."""
    if Membership.objects.teachers().filter(user=person).exists():
        raise TeachesClasses()


@receiver(people_stop_teaching)
def refuse_last_teachers(people: Sequence[User], **_: Any) -> None:
    """Raises Membership.LastTeacher with each class that has no active teacher besides these people.

    Their classes stay locked until the transaction ends, so that nobody removes another teacher meanwhile.
    """
    _refuse_last_teachers(people, Membership.objects.teachers().filter(user__in=people), ANOTHER_FIRST)


@receiver(people_leave)
def refuse_last_teachers_of_active_classes(people: Sequence[User], **_: Any) -> None:
    """The same for people who delete their accounts. Archived classes can do without a teacher."""
    taught = Membership.objects.teachers().filter(user__in=people, klass__status=Class.Status.ACTIVE)
    _refuse_last_teachers(people, taught, HAND_OVER_FIRST)


def _refuse_last_teachers(people: Sequence[User], taught: MembershipQuerySet, message: str) -> None:
    classes = Class.objects.filter(pk__in=taught.values("klass"))
    locked = {klass.pk: klass for klass in classes.select_for_update(no_key=True).order_by("pk")}
    others = Membership.objects.active_teachers().filter(klass__in=classes.values("pk")).exclude(user__in=people)
    lost = locked.keys() - (set(others.values_list("klass_id", flat=True)) if locked else ())
    if lost:
        members = [member for member in taught.order_by("pk") if member.klass_id in lost]
        details = list(_details(people, members, locked))
        raise Membership.LastTeacher(message, details)


def _details(people: Sequence[User], members: Sequence[Membership], classes: dict[str, Class]) -> Iterator[Detail]:
    """One detail for each class. If there are several people, its field says which of them."""
    fields = {user.pk: f"people[{index}]" if len(people) > 1 else "" for index, user in enumerate(people)}
    for member in members:
        message = f"{classes[member.klass_id].title} would have no active teacher."
        yield Detail(fields[member.user_id], "last_teacher", message, member.klass_id)
