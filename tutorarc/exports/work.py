"""Making an export: by a job, as what is kept about one person may be a lot."""

import tempfile
from datetime import timedelta
from typing import IO

from django.db import transaction

from tutorarc.domain.errors import DomainError
from tutorarc.exports.archive import Archive, TooLarge
from tutorarc.exports.models import KIND, DataExport, ExportState
from tutorarc.jobs.models import Job
from tutorarc.jobs.registry import Payload, job

READY_MAIL = "data_export_mail"  # kind of the job that tells who asked, in tutorarc/mail/data_export_mail.py


@job(KIND, retries=(60, 600), lease=timedelta(minutes=15), threads=1)  # a large one delays no other work
def make_export(payload: Payload) -> None:
    """Nothing is made for somebody who may no longer have it, or of an export that was replaced or is done."""
    waiting = DataExport.objects.filter(pk=payload["export"], state=ExportState.WAITING)
    export = waiting.select_related("user", "by").first()
    if export is None:
        return
    try:
        export.refuse_unless_by_may()
    except DomainError:
        export.delete()
        return
    with tempfile.TemporaryFile() as file:
        try:
            Archive(file).write(export.user)
        except TooLarge:
            _finish(export, None, payload["site"])
        else:
            _finish(export, file, payload["site"])


@transaction.atomic
def _finish(export: DataExport, file: IO[bytes] | None, site: str) -> None:
    if export.finish(file):
        Job.objects.enqueue(READY_MAIL, {"export": export.pk, "site": site})
