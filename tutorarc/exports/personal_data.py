"""What exports hold of a person: who asked for them, and the file itself."""

from typing import Any

from django.db.models import Q

from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.exports.models import DataExport, DataExportPart
from tutorarc.models import User


def _exports(user: User) -> Any:
    return DataExport.objects.filter(Q(user=user) | Q(by=user))


def _export(export: DataExport, user: User) -> Shown:
    return {
        "user_id": export.user_id,
        "by": "you" if export.by_id == user.pk else "somebody else",
        "status": export.state,
        "asked_at": export.asked_at,
        "finished_at": export.finished_at,
    }


register(PersonalData(name="exports", model=DataExport, rows=_exports, show=_export))
register(
    PersonalData(
        name="export_files", model=DataExportPart, not_exported="An earlier export, encrypted: it holds the same."
    )
)
