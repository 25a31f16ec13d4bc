"""Cancels the own lessons of a person whose account is deleted, and removes what names them from lessons."""

from django.db.models import Q

from sessions.admission import Status
from sessions.models import LiveSession, Series
from tutorarc.db.ids import to_uuid
from tutorarc.domain.erasure import GONE, Leaver, end_of, erasing, next_batch
from tutorarc.domain.events import SYSTEM
from tutorarc.domain.folded_fields import folded_values
from tutorarc.models import Event

TOGETHER = 50
LOOKED_AT = 2_000
TITLE = "Deleted lesson"


@erasing("own lessons")
def erase_own_lessons(leaver: Leaver, after: str) -> str:
    """Lessons without a class were the person's alone: those to come are cancelled, and nothing of theirs stays."""
    sessions = next_batch(LiveSession.objects.filter(created_by=leaver.user, klass=None), after, TOGETHER)
    for session in sessions:
        texts = {"title": TITLE, "teacher_ref": GONE, "external_id": None, "room_url": None, "cancel_message": ""}
        session.write(**texts, **folded_values(LiveSession, texts))
        _stop(session)  # then: its event shows the lesson
    told = {"title": TITLE, "teacherId": GONE, "externalId": None, "roomUrl": None, "message": ""}
    Event.objects.about([to_uuid("session", session.pk) for session in sessions]).blank(told)
    return end_of(sessions, TOGETHER)


@erasing("own series")
def erase_own_series(leaver: Leaver, _after: str) -> str:
    """Those without a class: only their title says something of the person."""
    Series.objects.filter(created_by=leaver.user, klass=None).update(title=TITLE)
    return ""


def _stop(session: LiveSession) -> None:
    if session.status == Status.SCHEDULED:
        session.cancel(SYSTEM)
    elif session.status == Status.LIVE:
        session.end(SYSTEM)


@erasing("lessons")
def erase_from_lessons(leaver: Leaver, after: str) -> str:
    """Other systems may have sent the person's id, address or name as the id of the teacher."""
    rows = LiveSession.objects.order_by("pk")
    keys = list((rows.filter(pk__gt=after) if after else rows).values_list("pk", flat=True)[:LOOKED_AT])
    if not keys:
        return ""
    part = LiveSession.objects.filter(pk__gte=keys[0], pk__lte=keys[-1])
    wanted = Q()
    for text in leaver.identity.texts:
        wanted |= Q(teacher_ref__iexact=text)
    named = list(part.filter(wanted))
    for session in named:
        session.write(teacher_ref=GONE)
    Event.objects.about([to_uuid("session", session.pk) for session in named]).blank({"teacherId": GONE})
    return keys[-1] if len(keys) == LOOKED_AT else ""
