"""Mails with a link to choose a password: a forgotten one, or the first one of a new account."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.isolation import isolated
from tutorarc.mail.outgoing import LEASE, RETRIES, Mail, send
from tutorarc.models import User
from tutorarc.staff.welcome_mails import WELCOME_MAIL

Letter = tuple[StrOrPromise, str]  # subject and template
FORGOTTEN: Letter = (_("Reset your TutorArc password"), "mail/password_reset.txt")
WELCOME: Letter = (_("Your TutorArc account"), "mail/welcome.txt")


def queue_password_mails(people: Iterable[User], site: str) -> None:
    """Mail each of these people a link at this address of ours, in one job.

    Nobody gets a job too: so known and unknown addresses cost the same. The tokens are made when the mails are sent,
    so that the job in the database holds none.
    """
    Job.objects.enqueue("password_mail", {"people": [user.pk for user in people], "site": site})


@job("password_mail", retries=RETRIES, lease=LEASE, threads=1)
def mail_password_links(payload: Payload) -> None:
    _send(FORGOTTEN, payload)


@job(WELCOME_MAIL, retries=RETRIES, lease=LEASE, threads=1)
def mail_welcomes(payload: Payload) -> None:
    _send(WELCOME, payload)


def _send(letter: Letter, payload: Payload) -> None:
    for user in User.objects.filter(pk__in=payload["people"]):
        if user.may_get_password_mail:
            send(_mail(letter, user, payload["site"]))


def _mail(letter: Letter, user: User, site: str) -> Mail:
    subject, template = letter
    context = {
        "user": user,
        "name": isolated(user.display_name),
        "link": site + user.mailed_link_path(),
        "domain": urlsplit(site).netloc,
        "days": timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days,
    }
    return Mail(to=user.email, subject=str(subject), text=render_to_string(template, context))
