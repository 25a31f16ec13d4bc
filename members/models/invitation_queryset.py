"""Sending invitations, to one address or many."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from classes.models import Class
from classes.roles import ClassRole
from members.invitation_tokens import digest, new_token
from members.models.membership import Membership
from tutorarc.domain.email import spellings
from tutorarc.domain.encryption import encrypt
from tutorarc.domain.events import Actor, record
from tutorarc.jobs.models import Job
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User

if TYPE_CHECKING:
    from members.models import Invitation

LIFETIME = timedelta(days=14)
MAX_GUESTS = 500  # of one call


class Guest(NamedTuple):
    """Somebody to invite: an address in its canonical form, and a name if it is known."""

    email: str
    name: str = ""


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> "InvitationQuerySet":
        """Those that are PENDING or EXPIRED."""
        return self.filter(stored_status="PENDING")

    def open(self) -> "InvitationQuerySet":
        """Those that can be accepted, apart from those of archived classes."""
        return self.unanswered().filter(expires_at__gt=timezone.now())

    def expired(self) -> "InvitationQuerySet":
        """Those that ended long enough ago, answered or not: they hold addresses of people without an account."""
        return self.filter(expires_at__lte=timezone.now() - settings.KEEP_INVITATIONS)

    def acceptable(self) -> "InvitationQuerySet":
        """Open ones, apart from invitations to teach by somebody who may no longer appoint teachers of the class.

        Otherwise a teacher who is removed could come back by an invitation to another address of theirs.
        """
        teachers = Membership.objects.active_teachers().filter(klass=OuterRef("klass"), user=OuterRef("sent_by"))
        is_admin = Q(sent_by__global_role=User.GlobalRole.ADMIN, sent_by__is_active=True)
        return self.open().filter(Q(role=ClassRole.STUDENT) | is_admin | Exists(teachers))

    def to(self, user: User) -> "InvitationQuerySet":
        """Invitations that this person may accept in active classes, oldest first."""
        mine = self.acceptable().filter(email__in=spellings(user.email), klass__status=Class.Status.ACTIVE)
        return mine.select_related("klass", "sent_by").order_by("pk")

    def by_token(self, token: str) -> "Invitation | None":
        """The invitation with this link, whatever its status."""
        return self.select_related("klass", "sent_by").filter(token_digest=digest(token)).first()

    def with_status(self, status: str) -> "InvitationQuerySet":
        """By the status that the API shows."""
        if status == "EXPIRED":
            return self.unanswered().filter(expires_at__lte=timezone.now())
        return self.open() if status == "PENDING" else self.filter(stored_status=status)

    @transaction.atomic
    def send(
        self, klass: Class, guests: Sequence[Guest], role: str, by: Actor, *, message: str = "", site: str
    ) -> "list[Invitation]":
        """Invite these different addresses, and mail them links at this address of ours. Raises Class.Archived.

        An address with an unanswered invitation to the class gets that one again, with this role and message. A
        constant number of statements, which doesn't depend on who has an account.
        """
        klass = Class.objects.lock_active(klass.pk)
        earlier = {one.email: one for one in self._unanswered_of(klass, guests)}
        made = [self._new(klass, guest, role, message, by) for guest in guests if guest.email not in earlier]
        if made:
            tokens = self._renew(made)
            record(self.bulk_create(made), by, verb="send", created=True)
            _mail(made, tokens, site)
        for guest in guests:
            if one := earlier.get(guest.email):
                one.former_role, one.role, one.message, one.sent_by = one.role, role, message, by.person
                one.name = guest.name or one.name
        self.send_again(list(earlier.values()), by, site)
        sent = earlier | {one.email: one for one in made}
        return [sent[guest.email] for guest in guests]

    def send_again(self, invitations: "Sequence[Invitation]", by: Actor, site: str) -> None:
        """Write what changed of these unanswered invitations, and mail them with new links. Their class is locked."""
        if not invitations:
            return
        tokens = self._renew(invitations)
        fields = ["role", "message", "name", "sent_by", "token_digest", "sent_at", "expires_at"]
        self.bulk_update(invitations, fields)
        former = {one.pk: {"role": one.former_role or one.role} for one in invitations}
        record(invitations, by, verb="send", from_status="PENDING", old=lambda one: former[one.pk])
        _mail(invitations, tokens, site)

    def _unanswered_of(self, klass: Class, guests: Sequence[Guest]) -> "InvitationQuerySet":
        return self.unanswered().filter(klass=klass, email__in=[guest.email for guest in guests])

    def _new(self, klass: Class, guest: Guest, role: str, message: str, by: Actor) -> "Invitation":
        return self.model(
            klass=klass, email=guest.email, name=guest.name, role=role, message=message, sent_by=by.person
        )

    def _renew(self, invitations: "Sequence[Invitation]") -> list[str]:
        """Give each a new link, of which only a digest is stored. Returns the tokens."""
        now = timezone.now()
        tokens = [new_token() for _ in invitations]
        for one, token in zip(invitations, tokens, strict=True):
            one.token_digest, one.sent_at, one.expires_at = digest(token), now, now + LIFETIME
        return tokens


def _mail(invitations: "Sequence[Invitation]", tokens: Sequence[str], site: str) -> None:
    """Queue a mail for each. The links are encrypted while they wait."""
    if sends_mail():
        payloads = [
            {"invitation": one.pk, "token": encrypt(token), "site": site}
            for one, token in zip(invitations, tokens, strict=True)
        ]
        Job.objects.enqueue_all("invitation_mail", payloads)
