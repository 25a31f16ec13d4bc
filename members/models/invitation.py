"""Invitations by mail to a class (docs/contract.md, "Invitations"). Their lists and how they are sent: the queryset."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from classes.models import Class
from classes.roles import ClassRole
from members.models.admission import admit
from members.models.invitation_queryset import InvitationQuerySet
from members.models.membership import Membership
from tutorarc.db.ids import IdDateTimeField, TypeIDField
from tutorarc.domain.direct_writes import ChangedByVerbs
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import SYSTEM, Actor, EventSource, change, record
from tutorarc.domain.text_fields import EmailAddressField, LineField, ProseField
from tutorarc.models import User

MAX_MESSAGE_LENGTH = 1_000


class Invitation(ChangedByVerbs):
    """An invitation of an e-mail address to one class. Whoever has its link has the mailbox.

    No verb that a teacher calls looks for an account with the address: so nothing tells whether there is one.
    """

    class Status(models.TextChoices):
        PENDING = "PENDING"
        ACCEPTED = "ACCEPTED"
        DECLINED = "DECLINED"
        REVOKED = "REVOKED"
        EXPIRED = "EXPIRED"  # never stored: of a PENDING one after `expires_at`

    class NotOpen(Conflict):
        reason = "invitation_not_open"
        message = "This invitation was answered or revoked."

    id = TypeIDField("inv", primary_key=True)
    klass = models.ForeignKey(Class, models.PROTECT, "invitations", db_column="class_id", db_index=False)
    email = EmailAddressField(max_length=254)
    name = LineField(max_length=200, blank=True, default="")  # as the teacher wrote it, for a new account
    role = models.CharField(max_length=7, choices=ClassRole)
    message = ProseField(max_length=MAX_MESSAGE_LENGTH, blank=True, default="")
    stored_status = models.CharField(max_length=8, choices=Status, default=Status.PENDING, db_column="status")
    sent_by = models.ForeignKey(User, models.PROTECT, "+", db_index=False)
    accepted_by = models.ForeignKey(User, models.PROTECT, "+", null=True, db_index=False)
    token_digest = models.CharField(max_length=64)
    created_at = IdDateTimeField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    former_role = ""  # before it was sent again with another one

    objects = InvitationQuerySet.as_manager()
    event_source = EventSource(
        kind="invitation",
        types={"send": "sent", "accept": "accepted", "decline": "declined", "revoke": "revoked"},
        fields={"role": "role"},
        class_id="klass_id",
        user_id="accepted_by_id",
    )

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["token_digest"], name="one_invitation_per_link"),
            models.UniqueConstraint(
                fields=["klass", "email"], condition=Q(stored_status="PENDING"), name="one_open_invitation_per_address"
            ),
            models.CheckConstraint(name="invitation_role_is_known", condition=Q(role__in=["STUDENT", "TEACHER"])),
            models.CheckConstraint(
                name="invitation_status_is_known",
                condition=Q(stored_status__in=["PENDING", "ACCEPTED", "DECLINED", "REVOKED"]),
            ),
            models.CheckConstraint(
                name="accepted_invitation_has_person",
                condition=Q(stored_status="ACCEPTED", accepted_by__isnull=False)
                | (~Q(stored_status="ACCEPTED") & Q(accepted_by__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["klass", "id"], name="invitations_of_a_class"),
            models.Index(fields=["klass", "stored_status", "id"], name="invitations_by_status"),
            models.Index(fields=["email", "stored_status"], name="invitations_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.klass.title}"

    @property
    def status(self) -> str:
        """The status as the API shows it."""
        is_expired = self.stored_status == self.Status.PENDING and self.expires_at <= timezone.now()
        return self.Status.EXPIRED if is_expired else self.stored_status

    @property
    def is_acceptable(self) -> bool:
        """Whether it can be accepted, unless the class is archived."""
        return Invitation.objects.acceptable().filter(pk=self.pk).exists()

    def as_shown(self) -> dict[str, Any]:
        """The invitation as the API shows it."""
        return {
            "id": self.pk,
            "email": self.email,
            "role": self.role,
            "status": str(self.status),
            "expires_at": self.expires_at,
        }

    @transaction.atomic
    def resend(self, by: Actor, site: str) -> "Invitation":
        """Mail it again, with a new link and expiry; also an expired one. Raises Class.Archived and NotOpen."""
        Class.objects.lock_active(self.klass_id)
        current = Invitation.objects.filter(pk=self.pk, stored_status=self.Status.PENDING).first()
        if current is None:
            raise self.NotOpen()
        Invitation.objects.send_again([current], by, site)
        return current

    @transaction.atomic
    def revoke(self, by: Actor) -> "Invitation":
        """Also an expired one. Raises Class.Archived and NotOpen."""
        Class.objects.lock_active(self.klass_id)
        return self._move(by, "revoke", self.Status.REVOKED)

    @transaction.atomic
    def decline(self, by: Actor = SYSTEM) -> "Invitation":
        """By whoever has the link. Raises Class.Archived and NotOpen."""
        Class.objects.lock_active(self.klass_id)
        return self._move(by, "decline", self.Status.DECLINED, {"expires_at__gt": timezone.now()})

    @transaction.atomic
    def accept(self, by: Actor) -> Membership:
        """Let the actor in. Raises Class.Archived, Class.Full, NotOpen, StudentCannotTeach and AlreadyOnRecord.

        Somebody who is in the class stays; a request that waits is approved. Somebody who was declined or removed, or
        left, comes back only if the invitation was sent later than that.
        """
        klass = Class.objects.lock_active(self.klass_id)
        if not self.is_acceptable:
            raise self.NotOpen()
        invitation = self._move(by, "accept", self.Status.ACCEPTED, accepted_by_id=by.person.pk)
        return admit(klass, invitation.role, by, invited_at=invitation.sent_at)

    def forget_guest(self, stand_in: str, by: Actor) -> None:
        """Write `stand_in` for the address, without name and message; revoked if it waits, also in an archived class.

        For the deletion of the guest's account. The class is locked.
        """
        values = {"email": stand_in, "name": "", "message": ""}
        if self.stored_status == self.Status.PENDING:
            change(
                self, by, verb="revoke", from_status=self.status, old={}, stored_status=self.Status.REVOKED, **values
            )
        else:
            self.write(**values)

    def _move(
        self, by: Actor, verb: str, status: str, only_if: dict[str, datetime] | None = None, **values: Any
    ) -> "Invitation":
        """Compare and set: of several answers at the same moment one is written. Raises NotOpen for the others."""
        pending = Invitation.objects.filter(pk=self.pk, stored_status=self.Status.PENDING, **(only_if or {}))
        if not pending.update(stored_status=status, **values):
            raise self.NotOpen()
        moved = Invitation.objects.get(pk=self.pk)
        record([moved], by, verb=verb, from_status=self.Status.PENDING)
        return moved
