"""What a transfer of a class does to its sessions (docs/contract.md, "Transfer")."""

from collections.abc import Sequence

from django.db import IntegrityError
from django.db.models import Case, CharField, F, Value, When
from django.utils import timezone

from classes.models import Class
from sessions.admission import Status
from sessions.models import LiveSession
from tutorarc.domain.errors import ExternalIdTaken
from tutorarc.domain.events import Actor, record
from tutorarc.models import User

CHANGED = ("teacher_ref", "external_id")


def hand_over_sessions(klass: Class, from_user: User, to_user: User, by: Actor) -> None:
    """Give the sessions of one teacher that are not over to another one. The class is locked.

    The links are renewed: otherwise the creator's link would open as teacher for the one who had it before.
    """
    now = timezone.now()
    created = LiveSession.objects.filter(klass=klass, created_by=from_user)
    not_over = created.in_status(Status.SCHEDULED, now) | created.in_status(Status.LIVE, now)
    sessions = list(not_over.select_for_update(no_key=True).order_by("pk"))
    if not sessions:
        return
    former = {session.pk: {name: getattr(session, name) for name in CHANGED} for session in sessions}
    names = _names(from_user, to_user)
    whens = [When(teacher_ref=old, then=Value(new)) for old, new in names.items()]
    clashing = _clashing(sessions, to_user)
    try:
        LiveSession.objects.filter(pk__in=former).update(
            external_id=Case(
                When(external_id__in=clashing, then=None), default=F("external_id"), output_field=CharField()
            ),
            created_by=to_user,
            updated_at=now,
            link_version=F("link_version") + 1,
            teacher_ref=Case(*whens, default=F("teacher_ref"), output_field=CharField()),
        )
    except IntegrityError:  # the new creator got a session with one of the external ids meanwhile
        raise ExternalIdTaken() from None
    for session in sessions:
        session.external_id = None if session.external_id in clashing else session.external_id
        session.created_by, session.updated_at = to_user, now
        session.teacher_ref = names.get(session.teacher_ref, session.teacher_ref)
    record(sessions, by, verb="transfer", old=lambda session: former[session.pk])


def _clashing(sessions: Sequence[LiveSession], to_user: User) -> list[str]:
    """External ids that sessions of the new creator have already: they stay with those, and these lose theirs."""
    external_ids = [session.external_id for session in sessions if session.external_id]
    if not external_ids:
        return []
    theirs = LiveSession.objects.filter(created_by=to_user, external_id__in=external_ids)
    return [external_id for external_id in theirs.values_list("external_id", flat=True) if external_id]


def _names(from_user: User, to_user: User) -> dict[str, str]:
    """By each `teacherId` that is an id of the one teacher, the same kind of id of the other."""
    names = {from_user.pk: to_user.pk}
    if from_user.external_id and to_user.external_id:
        names[from_user.external_id] = to_user.external_id
    return names
