"""Memberships (docs/contract.md, "Members"), and the verbs by which alone they change.

Every verb locks the class first. So whatever it reads stays true until it has written: a transition is won once, a
class that is being archived takes no member, and two teachers can't remove each other.
"""

from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from classes import codes
from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.batches import BatchQuerySet
from tutorarc.db.compiled import compile_once
from tutorarc.db.keyset import Window
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict, Detail, Invalid
from tutorarc.domain.history import Actor, change, insert, records
from tutorarc.models import User

Status = MembershipStatus


class MembershipQuerySet(BatchQuerySet):
    def teachers(self) -> "MembershipQuerySet":
        return self.filter(role=ClassRole.TEACHER, status=Status.APPROVED)

    def waiting(self) -> "MembershipQuerySet":
        """Join requests that can be answered, oldest first; none of archived classes."""
        return self.filter(status=Status.PENDING, klass__status=Class.Status.ACTIVE).order_by("pk")

    # Joining

    def enrol_first_teacher(self, klass: Class, by: Actor) -> "Membership":
        """Enrol the first teacher, in the transaction that creates the class. Raises StudentCannotTeach."""
        _refuse_student_as_teacher(klass.created_by, ClassRole.TEACHER)
        return _insert(klass, klass.created_by, ClassRole.TEACHER, Status.APPROVED, by, verb="found")

    @transaction.atomic
    def request(self, klass: Class, class_code: str, by: Actor) -> "Membership":
        """Create a join request. Raises Membership.WrongCode, Class.Archived, Membership.AlreadyOnRecord."""
        klass = Class.objects.lock(klass.pk)
        if klass.class_code != codes.canonical(class_code):
            raise Membership.WrongCode()
        if klass.is_archived:
            raise Class.Archived()
        self._refuse_second_record(klass, by.user)
        return _insert(klass, by.user, ClassRole.STUDENT, Status.PENDING, by, verb="join_request")

    def request_by_code(self, class_code: str, by: Actor) -> "Membership":
        """Like `request`, with only the code."""
        klass = Class.objects.filter(class_code=codes.canonical(class_code)).first()
        if klass is None:
            raise Membership.WrongCode()
        return self.request(klass, class_code, by)

    @transaction.atomic
    def enrol(self, klass: Class, user: User, role: str, by: Actor) -> "Membership":
        """Enrol without a join request. Raises Class.Archived, StudentCannotTeach, AlreadyOnRecord."""
        klass = Class.objects.lock_active(klass.pk)
        _refuse_student_as_teacher(user, role)
        self._refuse_second_record(klass, user)
        return _insert(klass, user, role, Status.APPROVED, by, verb="enrol")

    def _refuse_second_record(self, klass: Class, user: User) -> None:
        if Membership.objects.filter(klass=klass, user=user).exists():
            raise Membership.AlreadyOnRecord()

    # Transitions of one person; those of many, as `approve`, are in members/batches.py

    def remove(self, klass: Class, user_id: str, by: Actor, verb: str = "remove") -> "Membership":
        """Raises Class.Archived, Membership.NotApproved, Membership.LastTeacher."""
        with transaction.atomic():
            Class.objects.lock_active(klass.pk)
            member = _approved(klass, user_id)
            member._refuse_if_last_teacher()
            return member._change(by, verb, status=Status.REMOVED)

    def leave(self, klass: Class, by: Actor) -> "Membership":
        return self.remove(klass, by.user.pk, by, verb="leave")

    @transaction.atomic
    def change_role(self, klass: Class, user_id: str, role: str, by: Actor) -> "Membership":
        """Raises Class.Archived, NotApproved, LastTeacher, StudentCannotTeach. The same role again changes nothing."""
        Class.objects.lock_active(klass.pk)
        member = _approved(klass, user_id)
        if member.role == role:
            return member
        _refuse_student_as_teacher(member.user, role)
        member._refuse_if_last_teacher()
        return member._change(by, "change_role", role=role)


class Membership(ChangedByVerbs):
    """One person's membership in one class. Rows are never deleted."""

    class WrongCode(Invalid):
        reason = "wrong_class_code"
        message = "This class code is not valid."

        def __init__(self) -> None:
            super().__init__(self.message, [Detail("class_code", "wrong_code", self.message)])

    class UnknownPerson(Conflict):
        reason = "unknown_person"
        message = "No account matches this person."

    class AlreadyOnRecord(Conflict):
        reason = "already_on_record"
        message = "This person already has a membership record in this class."

    class NotInState(Conflict):
        reason = "members_not_in_state"
        message = "Nothing was changed: some of the people are not in the required status."

    class NotApproved(Conflict):
        reason = "not_an_approved_member"
        message = "This person is not an approved member of this class."

    class LastTeacher(Conflict):
        reason = "last_teacher"
        message = "This person is the last teacher of the class. A class must keep at least one teacher."

    class StudentCannotTeach(Conflict):
        reason = "student_cannot_teach"
        message = "A person whose global role is STUDENT can't be a teacher of a class."

    klass = models.ForeignKey(
        Class, models.PROTECT, "memberships", db_column="class_id", db_index=False, verbose_name="class"
    )
    user = models.ForeignKey(User, models.PROTECT, "memberships", db_index=False, verbose_name="person")
    role = models.CharField(max_length=7, choices=ClassRole)
    status = models.CharField(max_length=8, choices=MembershipStatus)
    joined_at = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()
    history = records("klass", "user")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["klass", "user"], name="one_membership_per_user_and_class"),
            models.CheckConstraint(name="member_role_is_known", condition=Q(role__in=["STUDENT", "TEACHER"])),
            models.CheckConstraint(
                name="member_status_is_known",
                condition=Q(status__in=["PENDING", "APPROVED", "REJECTED", "REMOVED"]),
            ),
            models.CheckConstraint(
                name="approved_member_has_joined",
                condition=Q(status__in=["PENDING", "REJECTED"]) | Q(joined_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "status", "klass"], name="classes_of_a_member"),
            models.Index(fields=["klass", "id"], name="members_of_a_class"),
            models.Index(fields=["klass", "status", "id"], name="members_by_status"),
            models.Index(fields=["klass", "role", "id"], name="members_by_role"),
            models.Index(fields=["klass", "role", "status", "id"], name="members_by_role_and_status"),
            models.Index(fields=["status", "id"], name="members_of_all_by_status"),
            models.Index(fields=["joined_at"], name="members_by_joining"),
        ]

    def __str__(self) -> str:
        return f"{self.user.display_name} in {self.klass.title}"

    def _refuse_if_last_teacher(self) -> None:
        """Raises LastTeacher. Reliable only while the class is locked."""
        others = Membership.objects.teachers().filter(klass=self.klass_id).exclude(pk=self.pk)
        if self.role == ClassRole.TEACHER and not others.exists():
            raise self.LastTeacher()

    def _change(self, by: Actor, verb: str, **values: Any) -> "Membership":
        return change(self, by, verb=verb, from_status=self.status, **values)


def _insert(klass: Class, user: User, role: str, status: str, by: Actor, *, verb: str) -> Membership:
    joined_at = timezone.now() if status == Status.APPROVED else None
    member = Membership(klass=klass, user=user, role=role, status=status, joined_at=joined_at)
    return insert(member, by, verb=verb)


def _approved(klass: Class, user_id: str) -> Membership:
    member = Membership.objects.select_related("user").filter(klass=klass, user=user_id).first()
    if member is None or member.status != Status.APPROVED:
        raise Membership.NotApproved()
    return member


def _refuse_student_as_teacher(user: User, role: str) -> None:
    if role == ClassRole.TEACHER and user.is_student:
        raise Membership.StudentCannotTeach()


def page_of_members(klass: Class, window: Window, *, with_people: bool) -> list[Membership]:
    """One page of a class's memberships, by id."""
    [position] = window.position or [None]
    return _page(with_people, window.at(None), class_id=klass.pk, position=position)


@compile_once(class_id=Class._meta.pk, position=Membership._meta.pk)
def _page(with_people: bool, window: Window, *, class_id: str, position: int | None) -> models.QuerySet[Membership]:
    members = Membership.objects.filter(klass=class_id)
    here = window.at((position,) if position else None)
    return here.cut(members.select_related("user") if with_people else members)
