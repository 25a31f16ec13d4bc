"""Removes notices, and mails that wait or were sent lately, of a person whose account is deleted."""

from collections.abc import Callable
from contextlib import suppress

from cryptography.fernet import InvalidToken

from tutorarc.domain.erasure import Leaver, end_of, erasing, next_batch
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.mail.outgoing import queued_mail

TOGETHER = 200

ReadsAddress = Callable[[Payload, Leaver], bool]


@erasing("notices")
def erase_notices(leaver: Leaver, _after: str) -> str:
    Notice.objects.filter(user=leaver.user).delete()
    UnwantedKind.objects.filter(user=leaver.user).delete()
    return ""


@erasing("jobs")
def erase_from_jobs(leaver: Leaver, after: str) -> str:
    """Delete the jobs that mail something to the person, and remove the address from the errors of others."""
    batch = next_batch(Job.objects.all(), after, TOGETHER)
    gone = [one.pk for one in batch if _is_mail_to(leaver, one)]
    Job.objects.filter(pk__in=gone).delete()
    for one in batch:
        if (kept := leaver.identity.blanked(one.last_error)) != one.last_error:
            Job.objects.filter(pk=one.pk).update(last_error=kept)
    return end_of(batch, TOGETHER)


def _is_mail_to(leaver: Leaver, job: Job) -> bool:
    """By the forms of payloads: an encrypted mail, an address, a person, or people."""
    if job.kind == "erase_account":
        return False
    if "encrypted" in job.payload:
        with suppress(InvalidToken):  # encrypted with a key that is gone: nobody can read or send it
            return queued_mail(job.payload).to.lower() in leaver.identity.addresses
    if str(job.payload.get("email", "")).lower() in leaver.identity.addresses:
        return True
    return leaver.user.pk == job.payload.get("user") or job.payload.get("people") == [leaver.user.pk]
