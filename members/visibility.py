"""Which names and e-mail addresses of the people of a class somebody may read (docs/contract.md, "Members")."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from classes.models import Class
from classes.permissions import can_manage_class
from classes.roles import MembershipStatus
from members.membership_reads import shows_email_to
from members.models import Membership
from tutorarc.domain.folding import folded
from tutorarc.models import User


@dataclass(frozen=True)
class Reader:
    """A user who reads memberships. `klass` is loaded `with_role_of` them; None if they read only their own."""

    user: User
    klass: Class | None

    @cached_property
    def is_manager(self) -> bool:
        return can_manage_class(self.user, self.klass)

    @cached_property
    def is_member(self) -> bool:
        return self.klass is not None and self.klass.my_status == MembershipStatus.APPROVED

    def sees_name(self, member: Membership) -> bool:
        is_fellow = self.is_member and member.status == MembershipStatus.APPROVED
        return self.is_manager or is_fellow or member.user_id == self.user.pk

    def sees_email(self, member: Membership) -> bool:
        """A teacher sees the addresses of people who asked to join, and those that this teacher added people by."""
        if self.user.is_admin or not self.is_manager:
            return self.user.is_admin
        if member.user_id in (self.user.pk, member.email_given_by_id):
            return True
        return (member.email_given_by_id, member.email_given) == (self.user.pk, member.user.email)

    def with_emails(self, members: Iterable[Membership]) -> list[Membership]:
        """The members with `shown_email` and `is_reader`, for pages."""
        found = list(members)
        for member in found:
            member.is_reader = member.user_id == self.user.pk
            member.shown_email = member.user.email if self.sees_email(member) else ""
        return found

    def matching(self, text: str) -> Q:
        """Members with the text in what this reader sees of them. Searching "a", "ab", … would reveal the rest."""
        found = self.names & Q(folded_name__contains=folded(text))
        return found | (self._emails & Q(user__email__icontains=text)) if self.is_manager else found

    @property
    def names(self) -> Q:
        """`sees_name` as a condition."""
        if self.is_manager:
            return Q()
        myself = Q(user=self.user)
        return myself | Q(status=MembershipStatus.APPROVED) if self.is_member else myself

    @property
    def _emails(self) -> Q:
        """`sees_email` of a manager as a condition."""
        if self.user.is_admin:
            return Q()
        return Q(user=self.user) | shows_email_to(self.user)
