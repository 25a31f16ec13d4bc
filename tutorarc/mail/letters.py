"""What a notice says, as plain text and as a small HTML part."""

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, NoticeKind
from tutorarc.mail.outgoing import Mail
from tutorarc.mail.unsubscribe import unsubscribe_path
from tutorarc.models import User

MAX_SUBJECT_LENGTH = 150


def notice_mail(user: User, kind: NoticeKind, letter: Letter, *, id: str) -> Mail:
    """The mail with this letter. Its links need TUTORARC_PUBLIC_URL: without it there are none."""
    site = settings.PUBLIC_URL
    unsubscribe = site + unsubscribe_path(user.pk, kind.name) if site else ""
    context = {
        "subject": letter.subject,
        "name": isolated(user.display_name),
        "sections": letter.sections,
        "why": kind.why,
        "site": site,
        "unsubscribe": unsubscribe,
        "choices": site + reverse("notifications"),
    }
    headers = {
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Mail(
        id=id,
        to=user.email,
        subject=shortened(letter.subject),
        text=render_to_string("mail/notice.txt", context),
        html=render_to_string("mail/notice.html", context),
        headers={"Auto-Submitted": "auto-generated", **(headers if site else {})},
    )


def shortened(subject: str) -> str:
    line = " ".join(subject.split())
    return line if len(line) <= MAX_SUBJECT_LENGTH else f"{line[: MAX_SUBJECT_LENGTH - 1].rstrip()}…"
