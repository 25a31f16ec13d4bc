"""Deletes the exports of the data of a person whose account is deleted, and those that the person asked for."""

from django.db.models import Q

from tutorarc.domain.erasure import Leaver, erasing
from tutorarc.exports.models import DataExport


@erasing("exports")
def erase_exports(leaver: Leaver, _after: str) -> str:
    DataExport.objects.filter(Q(user=leaver.user) | Q(by=leaver.user)).delete()
    return ""
