"""Removes what imports tell of a person whose account is deleted: previews, records, and lines that failed."""

from typing import Any

from tutorarc.domain.erasure import Identity, Leaver, end_of, erasing, next_batch
from tutorarc.imports.models import Import, ImportLine

IMPORTS, LINES = 20, 500
TEXTS = ("file_name", "notes", "preview", "class_ids", "records", "stopped_because")
TEXTS_OF_LINES = ("file", "label", "reason", "cells")


@erasing("imports")
def erase_from_imports(leaver: Leaver, after: str) -> str:
    batch = next_batch(Import.objects.all(), after, IMPORTS)
    for one in batch:
        texts = {name: getattr(one, name) for name in TEXTS}
        without_rows = texts | {"preview": _without_rows(one.preview, leaver.identity)}
        if (kept := leaver.identity.blanked(without_rows)) != texts:
            Import.objects.filter(pk=one.pk).update(**kept)
    return end_of(batch, IMPORTS)


@erasing("lines of imports")
def erase_from_import_lines(leaver: Leaver, after: str) -> str:
    batch = next_batch(ImportLine.objects.all(), after, LINES)
    for one in batch:
        texts = {name: getattr(one, name) for name in TEXTS_OF_LINES}
        if (kept := leaver.identity.blanked(texts)) != texts:
            # A line about the person says more of them, such as the first name in a column of its own.
            cells = dict.fromkeys(one.cells, "") if leaver.identity.names([one.label, one.cells]) else one.cells
            ImportLine.objects.filter(pk=one.pk).update(**kept | {"cells": cells})
    return end_of(batch, LINES)


def _without_rows(preview: dict[str, Any], identity: Identity) -> dict[str, Any]:
    """Without what would be changed in the rows that name the person."""

    def rows(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"summary": ""} if identity.names(row) else row for row in found]

    shown = {outcome: rows(found) for outcome, found in preview.get("groups", {}).items()}
    return {**preview, **({"groups": shown, "warnings": rows(preview["warnings"])} if shown else {})}
