"""Notices to the owner of a webhook that fails, or was disabled because it failed or the owner gained rights."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.dispatch import receiver

from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import add_notices
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User
from tutorarc.models.signals import webhook_failing

KIND = "webhooks"
FAILING = "An event could not be delivered to {url}, however often it was tried. Newer ones are still tried."
DISABLED = "{url} was disabled, and gets no more events. {reason}"
ADVICE = "Once its receiver is ready, enable the webhook and replay what it missed."


@receiver(webhook_failing)
def tell_owner(endpoint: Any, **signal: Any) -> None:
    """Sent in the transaction of what happened. Webhooks that fail at the same time are told in one mail."""
    if sends_mail():
        reason = "" if endpoint.is_active else endpoint.get_disabled_reason_display()
        details = {"url": endpoint.url, "disabled_because": reason}
        add_notices([Notice(user_id=endpoint.owner_id, kind=KIND, about=uuid4(), details=details)])


def compose(_: User, notices: Sequence[Notice]) -> Letter:
    """The newest state of each webhook."""
    reasons = {notice.details["url"]: notice.details["disabled_because"] for notice in notices}
    link = Link("Your webhooks", "/developers/webhooks")
    sentences = [_sentence(url, reason) for url, reason in reasons.items()]
    return Letter(_subject(reasons), [Section("", sentences), Section(ADVICE, link=link)])


def _sentence(url: str, reason: str) -> str:
    return DISABLED.format(url=isolated(url), reason=reason) if reason else FAILING.format(url=isolated(url))


def _subject(reasons: dict[str, str]) -> str:
    if len(reasons) > 1:
        return f"{len(reasons)} of your webhooks " + ("were disabled" if all(reasons.values()) else "fail")
    [(url, reason)] = reasons.items()
    host = urlsplit(url).hostname
    return f"Your webhook at {host} was disabled" if reason else f"Your webhook at {host} fails"


register(
    NoticeKind(
        name=KIND,
        label="Webhooks",
        hint="One of your webhooks fails, or was disabled.",
        why="you own a webhook",
        compose=compose,
        is_for=lambda user: not user.is_student,
        order=40,
    )
)
