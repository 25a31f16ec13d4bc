"""The mail that an export of personal data is ready. It holds no data: only a link to the page with the file."""

from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tutorarc.exports.models import DataExport
from tutorarc.exports.work import READY_MAIL
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.isolation import isolated
from tutorarc.mail.outgoing import LEASE, RETRIES, Mail, send, sends_mail

SUBJECT = _("Your data from TutorArc")
SUBJECT_FOR_STAFF = _("An export from TutorArc")


@job(READY_MAIL, retries=RETRIES, lease=LEASE, threads=1)
def mail_export_ready(payload: Payload) -> None:
    """Nothing is sent about an export that was replaced meanwhile."""
    export = DataExport.objects.filter(pk=payload["export"]).select_related("by").first()
    if export and sends_mail():
        send(_mail(export, payload["site"]))


def _mail(export: DataExport, site: str) -> Mail:
    is_own = export.by_id == export.user_id
    path = reverse("account-data") if is_own else reverse("admin:tutorarc_user_data_export", args=[export.user_id])
    context = {
        "name": isolated(export.by.display_name),
        "is_own": is_own,
        "is_ready": export.state == DataExport.State.READY,
        "link": site + path,
        "domain": urlsplit(site).netloc,
        "days": settings.KEEP_EXPORTS.days,
    }
    subject = SUBJECT if is_own else SUBJECT_FOR_STAFF
    return Mail(to=export.by.email, subject=str(subject), text=render_to_string("mail/data_export.txt", context))
