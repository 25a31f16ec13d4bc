"""The mail with an invitation."""

from typing import Any
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from members.models import Invitation
from members.models.invitation_queryset import LIFETIME
from tutorarc.domain.encryption import decrypt
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.isolation import isolated
from tutorarc.mail.letters import shortened
from tutorarc.mail.outgoing import LEASE, RETRIES, Mail, send


@job("invitation_mail", retries=RETRIES, lease=LEASE, threads=1)
def mail_invitation(payload: Payload) -> None:
    """Send it, unless it was answered, revoked or sent again meanwhile, or the class was archived."""
    token = decrypt(payload["token"])
    invitation = Invitation.objects.by_token(token)
    if invitation and invitation.is_open and not invitation.klass.is_archived:
        send(_mail(invitation, payload["site"] + reverse("invitation", args=[token])))


def _mail(invitation: Invitation, link: str) -> Mail:
    names = {"inviter": isolated(invitation.sent_by.display_name), "title": isolated(invitation.klass.title)}
    subject = _("{inviter} invites you to {title}").format_map(names)
    context: dict[str, Any] = {
        **names,
        "subject": subject,
        "name": isolated(invitation.name),
        "as_teacher": invitation.role == "TEACHER",
        "message": invitation.message,
        "link": link,
        "domain": urlsplit(link).netloc,
        "days": LIFETIME.days,
    }
    return Mail(
        # The same if it is sent again after a crash, and another one with each new link.
        id=invitation.token_digest[:32],
        to=invitation.email,
        subject=shortened(subject),
        text=render_to_string("members/invitations/mail.txt", context),
        html=render_to_string("members/invitations/mail.html", context),
        headers={"Auto-Submitted": "auto-generated"},
    )
