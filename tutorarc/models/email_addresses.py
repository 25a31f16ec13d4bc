"""django-allauth's rows of e-mail addresses: one for each user, verified and primary, equal to `User.email`.

Only the verbs of users write them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.db.models import Q

if TYPE_CHECKING:
    from tutorarc.models import User


def add_addresses(people: "Sequence[User]") -> None:
    """One statement. Raises IntegrityError."""
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people
    )


def keep_address(user: "User") -> None:
    """Add the row of a user whom an earlier version created: django-allauth ends the password of one without it."""
    if not EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists():
        replace_addresses([user])


def replace_addresses(people: "Sequence[User]") -> None:
    """A constant number of statements, none for no people. Raises IntegrityError.

    Rows with the new addresses go as well: an earlier version, which knows no such rows, may have changed a user.
    """
    if people:
        EmailAddress.objects.filter(Q(user__in=people) | Q(email__in=[user.email for user in people])).delete()
        add_addresses(people)
