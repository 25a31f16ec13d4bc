"""What mail holds of a person: the notices of the last days, and the kinds that they don't want."""

from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.models import User


def _notice(notice: Notice, _: User) -> Shown:
    """What it told is in the event."""
    return {"kind": notice.kind, "created_at": notice.created_at, "told_at": notice.told_at}


def _unwanted_kind(row: UnwantedKind, _: User) -> Shown:
    return {"kind": row.kind}


register(
    PersonalData(name="notices", model=Notice, rows=lambda user: Notice.objects.filter(user=user), show=_notice),
)
register(
    PersonalData(
        name="unwanted_notices",
        model=UnwantedKind,
        rows=lambda user: UnwantedKind.objects.filter(user=user),
        show=_unwanted_kind,
    )
)
