"""The mail to somebody who wants an account: with a link, or what to do instead."""

from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from classes.models import Class
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.outgoing import LEASE, RETRIES, Mail, send
from tutorarc.site.joining.new_accounts import account_of
from tutorarc.site.joining.sign_up_links import LIFETIME, Wanted, link_path

SUBJECTS = {
    "link": _("Create your TutorArc account"),
    "known": _("You already have a TutorArc account"),
    "wrong_code": _("Your class code for TutorArc"),
}


def queue_sign_up_mail(wanted: Wanted, site: str, *, is_sent: bool) -> None:
    """Mail what this person needs. Whether there is an account or a class is only looked up by the job.

    The job is written in any case, so that each request costs the same.
    """
    Job.objects.enqueue("sign_up_mail", {"email": wanted.email if is_sent else "", "code": wanted.code, "site": site})


@job("sign_up_mail", retries=RETRIES, lease=LEASE, threads=1)
def mail_sign_up(payload: Payload) -> None:
    wanted = Wanted(payload["email"], payload["code"])
    if wanted.email and settings.SIGN_UP != "off":
        send(_mail(wanted, payload["site"]))


def _mail(wanted: Wanted, site: str) -> Mail:
    kind, path = _answer(wanted)
    context = {
        "kind": kind,
        "email": wanted.email,
        "code": wanted.code,
        "link": site + path,
        "hours": LIFETIME // 3600,
        "domain": urlsplit(site).netloc,
    }
    text = render_to_string("joining/sign_up_mail.txt", context)
    return Mail(to=wanted.email, subject=str(SUBJECTS[kind]), text=text, headers={"Auto-Submitted": "auto-generated"})


def _answer(wanted: Wanted) -> tuple[str, str]:
    """What the mail says, and where its link leads."""
    way_in = reverse("join-code", args=[wanted.code]) if wanted.code else reverse("login")
    if account_of(wanted.email):
        return "known", way_in
    if wanted.code:
        klass = Class.objects.by_code(wanted.code)
        if klass is None or not klass.is_code_usable:
            return "wrong_code", reverse("join-page")
        wanted = wanted._replace(code=klass.class_code)
    return "link", link_path(wanted)
