"""Notices to the owner of a webhook that fails, or was disabled because it failed or the owner gained rights."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.dispatch import receiver
from django.utils.translation import gettext, gettext_lazy

from tutorarc.mail.isolation import isolated
from tutorarc.mail.kinds import Letter, Link, NoticeKind, Section, register
from tutorarc.mail.models import Notice
from tutorarc.mail.notices import add_notices
from tutorarc.mail.outgoing import sends_mail
from tutorarc.models import User
from tutorarc.models.signals import webhook_failing

KIND = "webhooks"
FAILING = gettext_lazy(
    "An event could not be delivered to {url}, however often it was tried. Newer ones are still tried."
)
DISABLED = gettext_lazy("{url} was disabled, and gets no more events. {reason}")
ADVICE = gettext_lazy("Once its receiver is ready, enable the webhook and replay what it missed.")


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
    link = Link(gettext("Your webhooks"), "/developers/webhooks")
    sentences = [_sentence(url, reason) for url, reason in reasons.items()]
    return Letter(_subject(reasons), [Section("", sentences), Section(str(ADVICE), link=link)])


def _sentence(url: str, reason: str) -> str:
    return str(DISABLED).format(url=isolated(url), reason=reason) if reason else str(FAILING).format(url=isolated(url))


def _subject(reasons: dict[str, str]) -> str:
    if len(reasons) > 1:
        all_off = all(reasons.values())
        sentence = gettext("{n} of your webhooks were disabled") if all_off else gettext("{n} of your webhooks fail")
        return sentence.format(n=len(reasons))
    [(url, reason)] = reasons.items()
    host = urlsplit(url).hostname
    sentence = gettext("Your webhook at {host} was disabled") if reason else gettext("Your webhook at {host} fails")
    return sentence.format(host=host)


register(
    NoticeKind(
        name=KIND,
        label=gettext_lazy("Webhooks"),
        hint=gettext_lazy("One of your webhooks fails, or was disabled."),
        why=gettext_lazy("you own a webhook"),
        compose=compose,
        is_for=lambda user: not user.is_student,
        order=40,
    )
)
