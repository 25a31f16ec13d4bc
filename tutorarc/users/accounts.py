"""New accounts."""

from typing import Any

from django.db import transaction

from tutorarc.domain.events import Actor
from tutorarc.mail.outgoing import refuse_without_mail
from tutorarc.models import User
from tutorarc.staff.welcome_mails import queue_welcome_mails


@transaction.atomic
def create_account(by: Actor, site: str, *, invite: bool, **fields: Any) -> User:
    """A user without a password. `invite` mails them a link to choose one, at this address of ours.

    Raises User.EmailTaken, ExternalIdTaken, User.NeedsSuperuser, MailOff, and ValidationError for a wrong field.
    """
    if invite:
        refuse_without_mail()
    user = User.objects.create_user(by=by, **fields)
    if invite:
        queue_welcome_mails([user.pk], site)
    return user
