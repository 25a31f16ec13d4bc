"""What imports hold of a person: those that they made, and lines of files about them."""

from typing import Any

from django.db.models import Q

from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.imports.models import Import, ImportFile, ImportLine
from tutorarc.models import User


def _import(about: Import, _: User) -> Shown:
    """Without the people in the file."""
    return {
        "id": about.pk,
        "kind": about.kind,
        "file": about.file_name,
        "status": about.state,
        "rows": about.total,
        "summary": about.summary,
        "created_at": about.created_at,
        "finished_at": about.finished_at,
    }


def _lines(user: User) -> Any:
    """Lines are labelled by the address, and those of memberships also by the class."""
    return ImportLine.objects.filter(Q(label__iexact=user.email) | Q(label__istartswith=f"{user.email} in "))


def _line(line: ImportLine, _: User) -> Shown:
    return {"import_id": line.about_id, "file": line.file, "line": line.line, "cells": line.cells}


register(PersonalData(name="imports", model=Import, rows=lambda user: Import.objects.filter(by=user), show=_import))
register(PersonalData(name="import_lines", model=ImportLine, rows=_lines, show=_line))
register(
    PersonalData(
        name="import_files",
        model=ImportFile,
        not_exported="A file of many people, encrypted, which is deleted as soon as it is imported or a day later.",
    )
)
