"""Mails to new people with a link to choose a password. The job itself is in tutorarc/mail/password_mail.py."""

from collections.abc import Iterable

from tutorarc.jobs.models import Job

WELCOME_MAIL = "welcome_mail"  # kind of the job


def queue_welcome_mails(user_ids: Iterable[str], site: str) -> None:
    """Mail each of these people a link at this address of ours, in a job for each, so that each mail is sent once."""
    Job.objects.enqueue_all(WELCOME_MAIL, [{"people": [pk], "site": site} for pk in user_ids])
