"""Memberships (docs/contract.md, "Members"). Their queries and verbs are in `members.querysets`."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from classes.models import Class
from classes.roles import ClassRole, MembershipStatus
from members.querysets import MembershipQuerySet
from tutorarc.db.compiled import compile_once
from tutorarc.db.constant_lookup import ConstantExact
from tutorarc.db.keyset import Window
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict, Detail, Invalid
from tutorarc.domain.events import EventSource
from tutorarc.domain.folded_fields import FoldedField
from tutorarc.models import User


class Membership(ChangedByVerbs):
    """One person's membership in one class. Only a request that its person withdraws is deleted."""

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
        own_record: ClassVar[dict[str, str]] = {  # message for the person, by status
            MembershipStatus.PENDING: "You already asked to join. A teacher has to approve your request.",
            MembershipStatus.APPROVED: "You are already in this class.",
            MembershipStatus.REJECTED: "Your request was declined. Ask your teacher to let you back in.",
            MembershipStatus.REMOVED: "You are no longer in this class. Ask your teacher to let you back in.",
        }

    class InviteInstead(Conflict):
        reason = "invite_instead"
        message = (
            "You can only add people who are or were in a class that you teach. Invite everybody else: "
            "POST /classes/{id}/invitations takes any address."
        )

    class NotInState(Conflict):
        reason = "members_not_in_state"
        message = "Nothing was changed: some of the people are not in the required status."

    class NotApproved(Conflict):
        reason = "not_an_approved_member"
        message = "This person is not an approved member of this class."

    class NoPendingRequest(Conflict):
        reason = "no_pending_request"
        message = "You have no join request in this class that is waiting for approval."

    class LastTeacher(Conflict):
        reason = "last_teacher"
        message = "This person is the last active teacher of the class. Make somebody else a teacher first."

    class StudentCannotTeach(Conflict):
        reason = "student_cannot_teach"
        message = "A person whose global role is STUDENT can't be a teacher of a class."

    klass = models.ForeignKey(
        Class, models.PROTECT, "memberships", db_column="class_id", db_index=False, verbose_name="class"
    )
    user = models.ForeignKey(User, models.PROTECT, "memberships", db_index=False, verbose_name="person")
    role = models.CharField(max_length=7, choices=ClassRole)
    status = models.CharField(max_length=8, choices=MembershipStatus)
    folded_name = FoldedField("user.display_name", max_length=200)  # copied, so that one index sorts a class by name
    joined_at = models.DateTimeField(null=True, blank=True)
    # Who gave the person's e-mail address to this class: the person, by asking to join, or whoever added them by it.
    email_given_by = models.ForeignKey(
        User, models.PROTECT, "+", null=True, editable=False, db_index=False, db_constraint=False
    )
    email_given = models.EmailField(default="", db_default="", editable=False)  # the address by which they were added
    shown_email, is_reader = "", False  # for pages: see members.visibility
    latest_change: Any = None  # for pages: see members.people

    objects = MembershipQuerySet.as_manager()
    event_source = EventSource(
        kind="membership",
        types={
            "found": "enrolled",
            "join_request": "requested",
            "withdraw": "withdrawn",
            "enrol": "enrolled",
            "accept_invitation": "invited_accepted",
            "approve": "approved",
            "reject": "rejected",
            "remove": "removed",
            "reopen": "reopened",
            "leave": "left",
            "change_role": "role_changed",
        },
        fields={"role": "role"},
        class_id="klass_id",
        user_id="user_id",
    )

    class Meta:
        ordering = ["id"]
        permissions = [("view_historicalmembership", "Can view the history")]
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
            models.Index(fields=["klass", "folded_name", "id"], name="members_by_name"),
            models.Index(fields=["klass", "status", "id"], name="members_by_status"),
            models.Index(fields=["status", "id"], name="members_of_all_by_status"),
            # Nearly all members are students, so those are read without an index by role.
            models.Index(fields=["klass", "status", "id"], condition=Q(role="TEACHER"), name="teachers_of_a_class"),
        ]

    def __str__(self) -> str:
        return f"{self.user.display_name} in {self.klass.title}"

    def as_shown(self) -> dict[str, Any]:
        """The membership as the API shows it."""
        return {
            "user_id": self.user_id,
            "class_id": self.klass_id,
            "role": self.role,
            "status": self.status,
            "joined_at": self.joined_at,
        }


# So that the index of teachers is used, and that of a rare status.
Membership._meta.get_field("role").register_lookup(ConstantExact)
Membership._meta.get_field("status").register_lookup(ConstantExact)


def page_of_members(klass: Class, window: Window, *, with_people: bool) -> list[Membership]:
    """One page of a class's memberships, by id. Without people also without what tells whose address is shown."""
    [position] = window.position or [None]
    return _page(with_people, window.at(None), class_id=klass.pk, position=position)


@compile_once(class_id=Class._meta.pk, position=Membership._meta.pk)
def _page(with_people: bool, window: Window, *, class_id: str, position: int | None) -> models.QuerySet[Membership]:
    members = Membership.objects.filter(klass=class_id).defer("folded_name")
    here = window.at((position,) if position else None)
    if with_people:
        return here.cut(members.select_related("user").defer("user__folded_name"))
    return here.cut(members.defer("email_given_by", "email_given"))
