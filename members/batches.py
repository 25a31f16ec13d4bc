"""Batch transitions of memberships.

All or nothing, in the same number of statements for one person and for 500. If one person isn't in the required status,
nothing changes and the error names them.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from tutorarc.domain.errors import Conflict, Detail
from tutorarc.domain.history import Actor, record
from tutorarc.models import User

Status = MembershipStatus


class Newcomer(NamedTuple):
    user: User
    role: str

    @property
    def is_student_as_teacher(self) -> bool:
        return self.role == ClassRole.TEACHER and self.user.is_student


class BatchQuerySet(models.QuerySet[Any]):
    @property
    def _everyone(self) -> Any:
        return self.model._default_manager.all()

    def of(self, klass: Class, user_ids: Sequence[str]) -> Any:
        """Memberships of these people in a class, found by the unique index.

        With two plain conditions the generic plan of a prepared statement would read all members of a large class.
        """
        if connection.vendor != "postgresql":
            return self.filter(klass=klass, user__in=user_ids)
        pairs = "(members_membership.class_id, members_membership.user_id) IN (SELECT %s::uuid, unnest(%s::uuid[]))"
        of_class, of_people = klass._meta.pk.get_prep_value(klass.pk), map(User._meta.pk.get_prep_value, user_ids)
        return self.extra(where=[pairs], params=[of_class, list(of_people)])  # noqa: S610

    def approve(self, klass: Class, user_ids: Sequence[str], by: Actor) -> list[Any]:
        return self._move(klass, user_ids, by, "approve", [Status.PENDING], Status.APPROVED)

    def reject(self, klass: Class, user_ids: Sequence[str], by: Actor) -> list[Any]:
        return self._move(klass, user_ids, by, "reject", [Status.PENDING], Status.REJECTED)

    def reopen(self, klass: Class, user_ids: Sequence[str], by: Actor) -> list[Any]:
        return self._move(klass, user_ids, by, "reopen", [Status.REJECTED, Status.REMOVED], Status.PENDING)

    @transaction.atomic
    def _move(
        self,
        klass: Class,
        user_ids: Sequence[str],
        by: Actor,
        verb: str,
        sources: Sequence[str],
        target: str,
    ) -> list[Any]:
        """Move members from one of `sources` to `target`, in a constant number of statements."""
        Class.objects.lock_active(klass.pk)
        members = self._in_state(klass, user_ids, sources, target)
        before = {source: [member for member in members if member.status == source] for source in sources}
        now = timezone.now()
        changed = self._everyone.filter(pk__among=[member.pk for member in members])
        if target == Status.APPROVED:
            changed.update(status=target, joined_at=Coalesce("joined_at", now))
        else:
            changed.update(status=target)
        for member in members:
            member.status = target
            if target == Status.APPROVED:
                member.joined_at = member.joined_at or now
        for source, moved in before.items():
            record(moved, by, verb=verb, from_status=source)
        return members

    def _in_state(self, klass: Class, user_ids: Sequence[str], sources: Sequence[str], target: str = "") -> list[Any]:
        """Memberships of these people in the given order. Raises NotInState with each person in a wrong status."""
        found = {member.user_id: member for member in self._everyone.of(klass, user_ids)}
        teachers = [member for member in found.values() if member.role == ClassRole.TEACHER]
        models.prefetch_related_objects(teachers, "user")
        if offenders := [
            Detail(f"user_ids[{index}]", *reason)
            for index, user_id in enumerate(user_ids)
            if (reason := _why_not(found.get(user_id), sources, target))
        ]:
            raise self.model.NotInState(details=offenders)
        return [found[user_id] for user_id in user_ids]

    @transaction.atomic
    def enrol_many(self, klass: Class, people: Sequence[Newcomer], by: Actor) -> list[Any]:
        """Enrol people without join requests. Raises Class.Archived, StudentCannotTeach, AlreadyOnRecord."""
        klass = Class.objects.lock_active(klass.pk)
        users = [newcomer.user.pk for newcomer in people]
        known = set(self._everyone.of(klass, users).values_list("user_id", flat=True))
        _refuse(self.model.StudentCannotTeach, people, lambda newcomer: newcomer.is_student_as_teacher)
        _refuse(self.model.AlreadyOnRecord, people, lambda newcomer: newcomer.user.pk in known)
        now = timezone.now()
        members: list[Any] = [
            self.model(klass=klass, user=user, role=role, status=Status.APPROVED, joined_at=now)
            for user, role in people
        ]
        self._everyone.bulk_create(members)
        record(members, by, verb="enrol", created=True)
        return members

    @transaction.atomic
    def remove_many(self, klass: Class, user_ids: Sequence[str], by: Actor) -> list[Any]:
        """Raises Class.Archived, NotInState, LastTeacher."""
        removed: list[Any] = self._move(klass, user_ids, by, "remove", [Status.APPROVED], Status.REMOVED)
        self._refuse_without_teacher(klass, removed)
        return removed

    @transaction.atomic
    def change_roles(self, klass: Class, user_ids: Sequence[str], role: str, by: Actor) -> list[Any]:
        """Change roles. People who have the role already are skipped.

        Raises Class.Archived, NotInState, LastTeacher, StudentCannotTeach."""
        Class.objects.lock_active(klass.pk)
        members: list[Any] = self._everyone._in_state(klass, user_ids, [Status.APPROVED])
        changed = [member for member in members if member.role != role]
        models.prefetch_related_objects(members, "user")
        newcomers = [Newcomer(member.user, role) for member in members]
        _refuse(self.model.StudentCannotTeach, newcomers, lambda newcomer: newcomer.is_student_as_teacher)
        self._everyone.filter(pk__among=[member.pk for member in changed]).update(role=role)
        self._refuse_without_teacher(klass, changed)
        for member in changed:
            member.role = role
        record(changed, by, verb="change_role", from_status=Status.APPROVED)
        return members

    def _refuse_without_teacher(self, klass: Class, changed: list[Any]) -> None:
        """Raises LastTeacher after the change, inside the transaction, which rolls it back."""
        lost = any(member.role == ClassRole.TEACHER for member in changed)
        if lost and not self._everyone.teachers().filter(klass=klass).exists():
            raise self.model.LastTeacher()


def _refuse(error: type[Conflict], people: Sequence[Newcomer], is_refused: Callable[[Newcomer], bool]) -> None:
    """Raises `error` with each refused person, if there is one."""
    offenders = [
        Detail(f"people[{index}]", "refused", f"{newcomer.user}: {error.message}")
        for index, newcomer in enumerate(people)
        if is_refused(newcomer)
    ]
    if offenders:
        raise error(details=offenders)


def _why_not(member: Any, sources: Sequence[str], target: str) -> tuple[str, str] | None:
    """Code and message."""
    if member is None:
        return "no_record", "This person has no record in this class."
    if member.status not in sources:
        needed = f"not_{'_or_'.join(sources).lower()}"
        return needed, f"This person is {member.status}, not {' or '.join(sources)}."
    if target == Status.APPROVED and member.role == ClassRole.TEACHER and member.user.is_student:
        return "student_cannot_teach", member.StudentCannotTeach.message
    return None
