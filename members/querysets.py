"""The verbs that change memberships, for one person and for many. Nothing else changes them.

Every verb locks the class first, so that nothing it has read changes before it writes: of two concurrent transitions
one succeeds, a class that is being archived gets no new member, and two teachers can't remove each other.

Batches are all or nothing, in the same number of statements for one person and for 500; errors name each person.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone

from classes import codes
from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.batch_errors import Newcomer, refuse_members, refuse_people, wrong_status
from members.membership_reads import MembershipReads
from members.moves import move
from members.seats import CapacityWasSet, seat
from members.waiting_list import give_free_seats
from tutorarc.domain.events import Actor, change, erase, insert, record
from tutorarc.models import User

if TYPE_CHECKING:
    from members.models import Membership


class MembershipQuerySet(MembershipReads):
    # Joining

    def enrol_first_teacher(self, klass: Class, by: Actor) -> "Membership":
        """Enrol the first teacher, in the transaction that creates the class. Raises StudentCannotTeach."""
        self._refuse_student_as_teacher(klass.created_by, ClassRole.TEACHER)
        return self._add(klass, klass.created_by, ClassRole.TEACHER, Status.APPROVED, by, verb="found", detail="found")

    @transaction.atomic
    def request(self, klass: Class, class_code: str, by: Actor) -> "Membership":
        """Create a join request, which is approved at once if the code lets everybody in and there is a free seat.

        Raises WrongCode, Class.Archived, AlreadyOnRecord, Class.CodeClosed and Class.CodeExpired.
        """
        klass = Class.objects.lock(klass.pk)
        if klass.class_code not in codes.possible_codes(class_code):
            raise self.model.WrongCode()
        if klass.is_archived:
            raise Class.Archived()
        student = by.person
        if status := self.model.objects.filter(klass=klass, user=student).values_list("status", flat=True).first():
            raise self.model.AlreadyOnRecord(self.model.AlreadyOnRecord.own_record[status])
        klass.require_usable_code()
        asked = self._add(
            klass, student, ClassRole.STUDENT, Status.PENDING, by, verb="join_request", email_given_by=student
        )
        return give_free_seats(klass).get(student.pk, asked)

    def request_by_code(self, class_code: str, by: Actor) -> "Membership":
        """Like `request`, with only the code."""
        if klass := Class.objects.by_code(class_code):
            return self.request(klass, class_code, by)
        raise self.model.WrongCode()

    @transaction.atomic
    def withdraw(self, klass: Class, by: Actor) -> None:
        """Delete the actor's join request. Raises Class.Archived, and NoPendingRequest once it was answered."""
        Class.objects.lock_active(klass.pk)
        member = self.model.objects.filter(klass=klass, user=by.person, status=Status.PENDING).first()
        if member is None:
            raise self.model.NoPendingRequest()
        erase(member, by, verb="withdraw", from_status=member.status)

    @transaction.atomic
    def enrol(self, klass: Class, user: User, role: str, by: Actor, email: str = "") -> "Membership":
        """Enrol without a join request, `email` being the address by which the actor knows the person, if so.

        Raises Class.Archived, Class.Full, StudentCannotTeach, AlreadyOnRecord.
        """
        klass = Class.objects.lock_active(klass.pk)
        self._refuse_student_as_teacher(user, role)
        self._refuse_second_record(klass, user)
        given: dict[str, Any] = {"email_given": email, "email_given_by": by.user} if email else {}
        member = self._add(klass, user, role, Status.APPROVED, by, verb="enrol", **given)
        seat(klass, [member])
        return member

    def enrol_invited(self, klass: Class, role: str, by: Actor) -> "Membership":
        """Enrol the actor, who has no record in this locked class. Raises StudentCannotTeach and Class.Full."""
        self._refuse_student_as_teacher(by.person, role)
        given: dict[str, Any] = {"email_given_by": by.person}
        member = self._add(klass, by.person, role, Status.APPROVED, by, verb="accept_invitation", **given)
        seat(klass, [member])
        return member

    @transaction.atomic
    def enrol_many(self, klass: Class, people: Sequence[Newcomer], by: Actor) -> "list[Membership]":
        """Like `enrol`. The errors name each refused person."""
        klass = Class.objects.lock_active(klass.pk)
        known = set(self.model.objects.of(klass, [user.pk for user, _ in people]).values_list("user_id", flat=True))
        refuse_people(self.model.StudentCannotTeach, people, lambda newcomer: newcomer.is_student_as_teacher)
        refuse_people(self.model.AlreadyOnRecord, people, lambda newcomer: newcomer.user.pk in known)
        enrolled = {"klass": klass, "status": Status.APPROVED, "joined_at": timezone.now()}
        members: list[Membership] = [self.model(user=user, role=role, **enrolled) for user, role in people]
        record(self.bulk_create(members), by, verb="enrol", created=True)
        seat(klass, members)
        return members

    def _add(
        self, klass: Class, user: User, role: str, status: str, by: Actor, *, verb: str, detail: str = "", **given: Any
    ) -> "Membership":
        joined_at = timezone.now() if status == Status.APPROVED else None
        member = self.model(klass=klass, user=user, role=role, status=status, joined_at=joined_at, **given)
        return insert(member, by, verb=verb, detail=detail)

    def _refuse_student_as_teacher(self, user: User, role: str) -> None:
        if Newcomer(user, role).is_student_as_teacher:
            raise self.model.StudentCannotTeach()

    def _refuse_second_record(self, klass: Class, user: User) -> None:
        if self.model.objects.filter(klass=klass, user=user).exists():
            raise self.model.AlreadyOnRecord()

    def give_free_seats(self, klass: Class) -> None:
        """For the verbs of classes: see `members.waiting_list`."""
        give_free_seats(klass)

    # Changes of status. All raise Class.Archived and NotInState

    def approve(
        self, klass: Class, user_ids: Sequence[str], by: Actor, *, become_teachers: bool = False
    ) -> "list[Membership]":
        """Raises Class.Full as well. With `become_teachers`, the caller makes them teachers in the same transaction."""
        step = (klass, user_ids, by, "approve", [Status.PENDING], Status.APPROVED)
        if become_teachers:
            return self._move(*step)
        try:
            return self._move(*step, shared=klass.capacity is None, need_seats=True)
        except CapacityWasSet:
            return self._move(*step, shared=False, need_seats=True)

    def reject(self, klass: Class, user_ids: Sequence[str], by: Actor) -> "list[Membership]":
        return self._move(klass, user_ids, by, "reject", [Status.PENDING], Status.REJECTED)

    def reopen(self, klass: Class, user_ids: Sequence[str], by: Actor) -> "list[Membership]":
        return self._move(klass, user_ids, by, "reopen", [Status.REJECTED, Status.REMOVED], Status.PENDING)

    @transaction.atomic
    def remove_many(self, klass: Class, user_ids: Sequence[str], by: Actor) -> "list[Membership]":
        """Raises LastTeacher as well."""
        klass = Class.objects.lock_active(klass.pk)
        removed = self._move(klass, user_ids, by, "remove", [Status.APPROVED], Status.REMOVED, shared=False)
        if any(member.role == ClassRole.TEACHER for member in removed):
            self._require_teacher(klass)
        give_free_seats(klass)
        return removed

    @transaction.atomic
    def remove(self, klass: Class, user_id: str, by: Actor, verb: str = "remove") -> "Membership":
        """Raises NotApproved instead of NotInState, and LastTeacher."""
        klass = Class.objects.lock_active(klass.pk)
        member = self._approved(klass, user_id)
        change(member, by, verb=verb, from_status=member.status, status=Status.REMOVED)
        if member.role == ClassRole.TEACHER:
            self._require_teacher(klass)
        give_free_seats(klass)
        return member

    def leave(self, klass: Class, by: Actor) -> "Membership":
        return self.remove(klass, by.person.pk, by, verb="leave")

    @transaction.atomic
    def _move(
        self,
        klass: Class,
        user_ids: Sequence[str],
        by: Actor,
        verb: str,
        sources: Sequence[str],
        target: str,
        *,
        shared: bool = True,
        need_seats: bool = False,
    ) -> "list[Membership]":
        """Move members from one of `sources` to `target`, in a constant number of statements.

        With `shared`, a class may have several moves at the same time: the update itself moves each person once.
        Removals, which must leave a teacher, and people who need one of a limited number of seats lock it exclusively.
        Raises CapacityWasSet if the class was to be shared and turns out to have a capacity.
        """
        locked = Class.objects.lock_active(klass.pk, shared=shared)
        if need_seats and shared and locked.capacity is not None:
            raise CapacityWasSet()
        moved = move(klass, user_ids, sources, target)
        for source, members in moved.items():
            record(members, by, verb=verb, from_status=source)
        if need_seats:
            seat(locked, (member for members in moved.values() for member in members))
        by_person = {member.user_id: member for members in moved.values() for member in members}
        return [by_person[user_id] for user_id in user_ids]

    def _approved(self, klass: Class, user_id: str) -> "Membership":
        member = self.model.objects.select_related("user").filter(klass=klass, user=user_id).first()
        if member is None or member.status != Status.APPROVED:
            raise self.model.NotApproved()
        return member

    # Changes of role

    @transaction.atomic
    def change_role(self, klass: Class, user_id: str, role: str, by: Actor) -> "Membership":
        """Raises Class.Archived, NotApproved, LastTeacher, StudentCannotTeach and Class.Full.

        The same role again changes nothing.
        """
        klass = Class.objects.lock_active(klass.pk)
        member = self._approved(klass, user_id)
        if member.role == role:
            return member
        self._refuse_student_as_teacher(member.user, role)
        change(member, by, verb="change_role", from_status=member.status, role=role)
        if role != ClassRole.TEACHER:
            self._require_teacher(klass)
            seat(klass, [member])
        give_free_seats(klass)
        return member

    @transaction.atomic
    def change_roles(self, klass: Class, user_ids: Sequence[str], role: str, by: Actor) -> "list[Membership]":
        """Like `change_role`, but raises NotInState instead of NotApproved."""
        klass = Class.objects.lock_active(klass.pk)
        found = {member.user_id: member for member in self.of(klass, user_ids)}
        refuse_members(
            self.model.NotInState, user_ids, lambda person: wrong_status(found.get(person), [Status.APPROVED])
        )
        members = [found[user_id] for user_id in user_ids]
        changed = [member for member in members if member.role != role]
        former = {member.pk: {"role": member.role} for member in changed}
        models.prefetch_related_objects(members, "user")
        newcomers = [Newcomer(member.user, role) for member in members]
        refuse_people(self.model.StudentCannotTeach, newcomers, lambda newcomer: newcomer.is_student_as_teacher)
        self.model.objects.filter(pk__among=[member.pk for member in changed]).update(role=role)
        if changed and role != ClassRole.TEACHER:
            self._require_teacher(klass)
        for member in changed:
            member.role = role
        seat(klass, changed)
        record(changed, by, verb="change_role", from_status=Status.APPROVED, old=lambda member: former[member.pk])
        give_free_seats(klass)
        return members

    def _require_teacher(self, klass: Class) -> None:
        """Raises LastTeacher if no active teacher is left. The transaction then rolls the change back."""
        if not self.model.objects.active_teachers().filter(klass=klass).exists():
            raise self.model.LastTeacher()
