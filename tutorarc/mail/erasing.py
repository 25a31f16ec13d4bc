"""The job that removes what names a person whose account is deleted, batch by batch, and the last mail to them.

Each step begins where the one before ended, which the payload of the next job says. A batch that is done again after a
crash finds nothing more to remove. See docs/decisions/deleted-accounts.md.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tutorarc.domain.erasure import Leaver, steps_in_order
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.isolation import isolated
from tutorarc.mail.outgoing import LEASE, RETRIES, Mail, encrypted_payload, send_queued, sends_mail
from tutorarc.models import User
from tutorarc.models.erasure import erase_account, identity_of
from tutorarc.models.event import number_events
from tutorarc.models.signals import account_closed

BATCHES_OF_A_JOB = 20
LAST_MAIL = "last_mail"  # its jobs are not kept: they hold the address


@receiver(account_closed)
def queue_erasing(user: User, by: Actor, **_: Any) -> None:
    _enqueue({"user": user.pk, "by": by.user and by.user.pk, "step": "", "after": ""})


def _enqueue(payload: Payload) -> None:
    key = " ".join(["erase", payload["user"], payload["step"], payload["after"]])
    Job.objects.enqueue("erase_account", payload, key=key)


@job("erase_account", retries=(5, 60, 600, 3600, 6 * 3600), lease=LEASE, kept=False)
def erase(payload: Payload) -> None:
    """Do the next batches, and queue the rest. The last thing is the row of the person, with the mail that it is done.

    Until then the row has the name and address by which the steps find what is to be removed.
    """
    user = User.objects.filter(pk=payload["user"]).first()
    if user is None or user.is_erased:
        return
    number_events()  # those that have no position yet are not found
    leaver = _leaver(user, payload["by"])
    step, after = payload["step"], payload["after"]
    for _batch in range(BATCHES_OF_A_JOB):
        position = _next_batch(leaver, step, after)
        if position is None:
            _finish(user)
            return
        step, after = position
    _enqueue({**payload, "step": step, "after": after})


def _leaver(user: User, by: str | None) -> Leaver:
    asked = User.objects.filter(pk=by).first() if by else None
    return Leaver(user, Actor(asked), identity_of(user), user.stand_in)


def _next_batch(leaver: Leaver, name: str, after: str) -> tuple[str, str] | None:
    """Do a batch of this step, at first of the first one. Returns where to go on; None after the last one."""
    steps = steps_in_order()
    names = list(steps)
    name = name or names[0]
    with transaction.atomic():
        after = steps[name](leaver, after)
    if after:
        return name, after
    following = names[names.index(name) + 1 :]
    return (following[0], "") if following else None


@transaction.atomic
def _finish(user: User) -> None:
    """The mail is queued in the transaction that removes the address, so it is sent once."""
    if sends_mail():
        Job.objects.enqueue(LAST_MAIL, encrypted_payload(_last_mail(user)))
    erase_account(user.pk)


def _last_mail(user: User) -> Mail:
    context = {"name": isolated(user.display_name), "site": settings.PUBLIC_URL}
    text = render_to_string("mail/account_deleted.txt", context)
    return Mail(to=user.email, subject=_("Your TutorArc account is deleted"), text=text)


@job(LAST_MAIL, retries=RETRIES, lease=LEASE, threads=1, kept=False)
def send_last_mail(payload: Payload) -> None:
    send_queued(payload)
