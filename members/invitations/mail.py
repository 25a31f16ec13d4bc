"""The mail with an invitation."""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.exceptions import Throttled

from members.invitations.limits import DAY
from members.models import Invitation
from members.models.invitation_queryset import LIFETIME
from tutorarc.domain.encryption import decrypt
from tutorarc.domain.sliding_window import Limit
from tutorarc.http.throttling import GuessLimits
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.isolation import isolated
from tutorarc.mail.letters import shortened
from tutorarc.mail.outgoing import LEASE, RETRIES, Mail, send

log = logging.getLogger(__name__)
MAILS_A_DAY = 30  # to one address


@job("invitation_mail", retries=RETRIES, lease=LEASE, threads=1)
def mail_invitation(payload: Payload) -> None:
    """Send it, unless it was answered, revoked or sent again meanwhile, the class was archived, or the address got as
    many invitations as one may get in a day, whoever sent them.
    """
    token = decrypt(payload["token"])
    invitation = Invitation.objects.by_token(token)
    if invitation is None or not invitation.is_acceptable or invitation.klass.is_archived:
        return
    received = GuessLimits([Limit("invited", invitation.email, MAILS_A_DAY, DAY)])
    try:
        received.refuse_if_spent()
    except Throttled:
        log.warning("An invitation is not mailed: its address got %s today.", MAILS_A_DAY)
        return
    send(_mail(invitation, payload["site"] + reverse("invitation", args=[token])))
    received.count()


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
