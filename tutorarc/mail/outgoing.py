"""Sending mail by jobs: no request waits for the mail server or fails with it, and a crash loses no mail.

The text of a mail is encrypted while it waits, as it may hold links that let somebody act.
"""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPResponseException
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from tutorarc.conf.mail_url import OFF
from tutorarc.domain.encryption import decrypt, encrypt
from tutorarc.domain.errors import Conflict
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import GiveUp, Payload, RetryLater, job

# Servers that greylist accept a mail after 1 to 15 minutes; one that is down may come back tomorrow.
RETRIES = (60, 300, 900, 3600, 4 * 3600, 8 * 3600, 12 * 3600, 24 * 3600)
LEASE = timedelta(minutes=5)  # longer than a conversation with a server that takes long for each of its replies
PERMANENT = 500  # SMTP replies from here on say that another attempt would fail too


@dataclass(frozen=True)
class Mail:
    """A mail to one address. Its id is the same when it is sent again after a crash, so that mailboxes show it once."""

    to: str
    subject: str
    text: str
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class CalendarPart(NamedTuple):
    """Events for the calendar of the recipient, as iCalendar text with this METHOD (RFC 5546)."""

    text: str
    method: str

    @property
    def is_invitation(self) -> bool:
        """Whether mail programs put it into the calendar by themselves, rather than show a file to open."""
        return self.method != "PUBLISH"


def sends_mail() -> bool:
    """Whether mail is sent at all: not with TUTORARC_EMAIL_URL=off:."""
    return settings.EMAIL_BACKEND != OFF


class MailOff(Conflict):
    reason = "mail_off"
    message = "This server sends no mail, so nobody can be invited by mail."


def refuse_without_mail() -> None:
    """Raises MailOff where no mail is sent."""
    if not sends_mail():
        raise MailOff()


def queue(*mails: Mail) -> None:
    """Send them soon. Their jobs are part of the transaction in progress. Where mail is off, nothing is queued."""
    if mails and sends_mail():
        Job.objects.enqueue_all("mail", [encrypted_payload(mail) for mail in mails])


def encrypted_payload(mail: Mail) -> Payload:
    """The payload of a job that does `send_queued`."""
    return {"encrypted": encrypt(json.dumps(asdict(mail)))}


def queued_mail(payload: Payload) -> Mail:
    """Raises cryptography.fernet.InvalidToken."""
    return Mail(**json.loads(decrypt(payload["encrypted"])))


@job("mail", retries=RETRIES, lease=LEASE, threads=1)  # slow servers delay no other work
def send_queued(payload: Payload) -> None:
    send(queued_mail(payload))


def send(mail: Mail, calendar: CalendarPart | None = None) -> None:
    """Send it now, with these events.

    Raises GiveUp if the server refuses it for good, and RetryLater for what may work later.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {**mail.headers, "Message-ID": f"<{mail.id}@{domain}>"}
    message = EmailMultiAlternatives(" ".join(mail.subject.split()), mail.text, None, [mail.to], headers=headers)
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    if calendar:
        _add_calendar(message, calendar)
    with _reasons():
        message.send()


def _add_calendar(message: EmailMultiAlternatives, calendar: CalendarPart) -> None:
    """An invitation is the last of the alternatives, as mail programs expect it (RFC 6047)."""
    content_type = f"text/calendar; method={calendar.method}"
    if calendar.is_invitation:
        message.attach_alternative(calendar.text, content_type)
    else:
        message.attach("lessons.ics", calendar.text, content_type)


@contextmanager
def _reasons() -> Iterator[None]:
    """Says what went wrong in words, and whether another attempt may work."""
    try:
        yield
    except SMTPRecipientsRefused as refusal:
        [(code, words)] = refusal.recipients.values()
        raise _refusal(code, words) from refusal
    except SMTPDataError as refusal:
        raise _refusal(refusal.smtp_code, refusal.smtp_error) from refusal
    except SMTPResponseException as refusal:  # of our sign-in or sender, which the operator can mend meanwhile
        raise RetryLater(f"The mail server refused: {refusal.smtp_code} {_text(refusal.smtp_error)}") from refusal
    except OSError as error:
        raise RetryLater(f"The mail server could not be used: {error or type(error).__name__}") from error


def _refusal(code: int, words: bytes | str) -> GiveUp | RetryLater:
    """Of this recipient or this message."""
    if code >= PERMANENT:
        return GiveUp(f"The mail server refused the mail for good: {code} {_text(words)}")
    return RetryLater(f"The mail server refused the mail for now: {code} {_text(words)}")


def _text(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
