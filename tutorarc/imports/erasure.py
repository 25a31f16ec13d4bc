"""Removes what imports tell of a person whose account is deleted: previews, records, and lines that failed."""

from tutorarc.domain.erasure import Leaver, erasing
from tutorarc.imports.models import Import, ImportLine

IMPORTS, LINES = 20, 500
TEXTS = ("file_name", "columns", "notes", "preview", "class_ids", "records", "stopped_because")
TEXTS_OF_LINES = ("file", "label", "reason", "cells")


@erasing("imports")
def erase_from_imports(leaver: Leaver, after: str) -> str:
    rows = Import.objects.order_by("pk")
    batch = list((rows.filter(pk__gt=after) if after else rows)[:IMPORTS])
    for one in batch:
        texts = {name: getattr(one, name) for name in TEXTS}
        if (kept := leaver.identity.blanked(texts)) != texts:
            Import.objects.filter(pk=one.pk).update(**kept)
    return batch[-1].pk if len(batch) == IMPORTS else ""


@erasing("lines of imports")
def erase_from_import_lines(leaver: Leaver, after: str) -> str:
    batch = list(ImportLine.objects.filter(pk__gt=int(after or 0)).order_by("pk")[:LINES])
    for one in batch:
        texts = {name: getattr(one, name) for name in TEXTS_OF_LINES}
        if (kept := leaver.identity.blanked(texts)) != texts:
            ImportLine.objects.filter(pk=one.pk).update(**kept)
    return str(batch[-1].pk) if len(batch) == LINES else ""
