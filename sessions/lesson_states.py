"""What pages say about a lesson's state."""

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sessions.admission import Status, admission, status_at
from sessions.forms import STATUS_LABELS
from sessions.models import LiveSession

KINDS = {Status.SCHEDULED: "plain", Status.LIVE: "good", Status.ENDED: "plain", Status.CANCELLED: "bad"}


def badge_of(session: LiveSession, now: datetime) -> dict[str, str | Promise]:
    """The status badge of a lesson: `kind` and `text`."""
    status = status_at(session, now)
    if status == Status.LIVE and session.end_time <= now:
        return {"kind": "warn", "text": _("Not ended")}
    return {"kind": KINDS[status], "text": STATUS_LABELS[status]}


def state_of(session: LiveSession, now: datetime, *, can_manage: bool) -> dict[str, Any]:
    """What the page of a lesson shows of it to this person, now."""
    status = status_at(session, now)
    can_be_moved = session.can_be_moved and not session.is_class_archived
    return {
        "badge": badge_of(session, now),
        "status_name": status.value,
        "can_be_moved": can_be_moved,
        "takes_place": can_be_moved and status != Status.ENDED,
        "is_late": status == Status.LIVE and session.end_time <= now,
        "entry": admission(session, "teacher" if can_manage else "student", now),
        "student_entry": admission(session, "student", now),
        "teacher_entry": admission(session, "teacher", now),
        "now": now,
    }
