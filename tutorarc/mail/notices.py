"""From an event to notices, and from the notices of one kind that came within a minute to a mail."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby, islice
from operator import itemgetter

from django.db import transaction
from django.utils import timezone

from tutorarc.http.reader_zone import zone_named
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job
from tutorarc.mail.kinds import KINDS, Letter, NoticeKind
from tutorarc.mail.letters import notice_mail
from tutorarc.mail.models import Notice, UnwantedKind, event_uuid
from tutorarc.mail.outgoing import LEASE, RETRIES, send, sends_mail
from tutorarc.models import Event, User

WAIT = timedelta(seconds=60)  # after the first notice, for others that go into the same mail
WRITTEN_TOGETHER = 500


@job("notify", retries=RETRIES, lease=LEASE)
def notify(payload: Payload) -> None:
    """Write the notices of these events. It can be repeated: notices that exist stay as they are."""
    events = list(Event.objects.filter(pk__in=payload["events"]).order_by("position"))
    for kind in KINDS.values():
        for some in in_parts(_notices(kind, events)):
            add_notices(some)


def _notices(kind: NoticeKind, events: Sequence[Event]) -> Iterator[Notice]:
    """One for each person who is told of an event. Nobody is told what they did themselves."""
    for event, user_id in kind.recipients([event for event in events if event.type in kind.event_types]):
        if user_id != event.actor_user_id:
            yield Notice(user_id=user_id, kind=kind.name, about=event_uuid(event))


def in_parts(notices: Iterable[Notice]) -> Iterator[list[Notice]]:
    rest = iter(notices)
    while some := list(islice(rest, WRITTEN_TOGETHER)):
        yield some


@transaction.atomic
def add_notices(notices: Sequence[Notice]) -> None:
    """Write notices, and a job for each person and kind. It mails all that wait when it is due."""
    added = Notice.objects.add_wanted(notices)
    mails = sorted({(notice.kind, notice.user_id) for notice in added})
    for kind, some in groupby(mails, key=itemgetter(0)):
        people = [user_id for _, user_id in some]
        payloads = [{"user": user_id, "kind": kind} for user_id in people]
        keys = [f"notices {kind} {user_id}" for user_id in people]
        work = "class_notices" if KINDS[kind].is_for_whole_classes else "notices"
        Job.objects.enqueue_all(work, payloads, keys=keys, due_at=timezone.now() + WAIT)


def _release(payload: Payload) -> None:
    """Put the notices of a mail that could not be sent into the next one, with those that were added since."""
    Notice.objects.filter(user=payload["user"], kind=payload["kind"], told_at=None).update(mail_id=None)


@job("class_notices", retries=RETRIES, lease=LEASE, threads=1, on_failure=_release)
@job("notices", retries=RETRIES, lease=LEASE, threads=1, on_failure=_release)
def mail_notices(payload: Payload) -> None:
    """Mail one person their waiting notices of one kind, as far as they are still true and wanted.

    Also to an address that staff entered, so that people whom a school adds hear of their lessons from the beginning.
    A notice lets nobody act as the person, unlike a link for a new password, which needs a confirmed address.
    """
    user, kind = User.objects.get(pk=payload["user"]), KINDS[payload["kind"]]
    while notices := Notice.objects.next_mail(user.pk, kind.name):
        if letter := _letter(user, kind, notices):
            send(notice_mail(user, kind, letter, id=str(notices[0].mail_id)), letter.calendar)
        Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(told_at=timezone.now())


def _letter(user: User, kind: NoticeKind, notices: Sequence[Notice]) -> Letter | None:
    if not (sends_mail() and user.is_active and kind.name not in UnwantedKind.objects.of(user)):
        return None
    with timezone.override(zone_named(user.time_zone)):
        return kind.compose(user, notices)
