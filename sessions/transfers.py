"""What a transfer of a class does to its sessions (docs/contract.md, "Transfer")."""

from django.db.models import Case, CharField, F, Value, When
from django.utils import timezone

from classes.models import Class
from sessions.admission import Status
from sessions.models import LiveSession
from tutorarc.domain.events import Actor, record
from tutorarc.models import User


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
    former = {session.pk: {"teacher_ref": session.teacher_ref} for session in sessions}
    names = _names(from_user, to_user)
    whens = [When(teacher_ref=old, then=Value(new)) for old, new in names.items()]
    LiveSession.objects.filter(pk__in=former).update(
        created_by=to_user,
        updated_at=now,
        link_version=F("link_version") + 1,
        teacher_ref=Case(*whens, default=F("teacher_ref"), output_field=CharField()),
    )
    for session in sessions:
        session.created_by, session.updated_at = to_user, now
        session.teacher_ref = names.get(session.teacher_ref, session.teacher_ref)
    record(sessions, by, verb="transfer", old=lambda session: former[session.pk])


def _names(from_user: User, to_user: User) -> dict[str, str]:
    """By each `teacherId` that is an id of the one teacher, the same kind of id of the other."""
    names = {from_user.pk: to_user.pk}
    if from_user.external_id and to_user.external_id:
        names[from_user.external_id] = to_user.external_id
    return names
