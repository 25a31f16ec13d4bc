"""Imports: who imported which file, how far it is, and which of its lines were not imported."""

import base64
import json
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tutorarc.db.ids import IdDateTimeField, TypeIDField, first_id_from
from tutorarc.domain.encryption import decrypt, encrypt
from tutorarc.domain.events import Actor
from tutorarc.imports.plans import OUTCOMES, Problem

PREFIX = "imp"
ABANDONED_AFTER = timedelta(days=1)  # an import that was previewed and not started, or that stopped


class ImportState(models.TextChoices):
    MAPPING = "mapping", "Columns to choose"
    READY = "ready", "Not started"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    STOPPED = "stopped", "Stopped"


UNFINISHED = (ImportState.MAPPING, ImportState.READY)


class ImportQuerySet(models.QuerySet["Import"]):
    def interrupted(self) -> "ImportQuerySet":
        """Imports that stopped because the server failed: their files are kept, so that they can go on."""
        return self.filter(state=ImportState.STOPPED, file__isnull=False)

    def resume(self, pk: str) -> int:
        """Let an interrupted import run again. Returns 0 if it is not interrupted, and stays as it is."""
        interrupted = self.filter(pk__in=self.interrupted().filter(pk=pk).values("pk"))
        return interrupted.update(state=ImportState.RUNNING, stopped_because="", finished_at=None)

    def expired(self) -> "ImportQuerySet":
        """Old imports, and those that were not started within a day."""
        old = Q(pk__lt=first_id_from(PREFIX, timezone.now() - settings.KEEP_IMPORTS))
        abandoned = Q(state__in=UNFINISHED, pk__lt=first_id_from(PREFIX, timezone.now() - ABANDONED_AFTER))
        return self.filter(old | abandoned)


class Import(models.Model):
    """One import of a file. `counts` has numbers of rows by outcome; `done` is the number of its parts of work."""

    State = ImportState

    id = TypeIDField(PREFIX, primary_key=True)
    created_at = IdDateTimeField()
    kind = models.CharField(max_length=20)
    file_name = models.CharField("file", max_length=200)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(max_length=10, choices=ImportState)
    may_update = models.BooleanField(default=True)
    invites = models.BooleanField(default=False, help_text="New people get a mail with a link to set a password.")
    site = models.CharField(max_length=300, default="", help_text="The address of the links in these mails.")
    notes = models.JSONField(default=list)
    preview = models.JSONField(default=dict)  # the first rows of each outcome
    counts = models.JSONField(default=dict)
    total = models.PositiveIntegerField(default=0)  # rows
    done = models.PositiveIntegerField(default=0)  # of these rows
    batch = models.PositiveIntegerField(default=0)  # number of the next one
    class_ids = models.JSONField(default=dict)  # of classes that the file adds, by their keys in the file
    records = models.JSONField(default=list)  # the first that were written
    invited = models.PositiveIntegerField(default=0)
    stopped_because = models.TextField(default="")
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.file_name}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def actor(self) -> Actor:
        return Actor(self.by)

    @property
    def is_open(self) -> bool:
        return self.state in UNFINISHED

    def count(self, outcome: str) -> int:
        number: int = self.counts.get(outcome, 0)
        return number

    @property
    def summary(self) -> str:
        """Such as "200 added, 0 changed, 3 left alone"; with what was not imported, if there is some."""
        said = ", ".join(f"{self.count(outcome):,} {outcome}" for outcome in OUTCOMES)
        return f"{said}, {failed:,} not imported" if (failed := self.count(FAILED)) else said

    @property
    def has_several_files(self) -> bool:
        return self.file_name.lower().endswith(".zip")

    @property
    def changes(self) -> int:
        return sum(self.count(outcome) for outcome in OUTCOMES[:2])

    @property
    def is_interrupted(self) -> bool:
        """Whether it stopped and can go on. One query, if it stopped."""
        return self.state == ImportState.STOPPED and ImportFile.objects.filter(pk=self.pk).exists()

    def interrupt(self, because: str) -> None:
        """Nothing more is done until somebody lets it go on: the file is kept."""
        self.state, self.stopped_because, self.finished_at = ImportState.STOPPED, because, timezone.now()
        self.save(update_fields=["state", "stopped_because", "finished_at"])

    def finish(self, state: str = ImportState.DONE, because: str = "") -> None:
        """Nothing more is done, and the file is deleted."""
        self.state, self.stopped_because, self.finished_at = state, because, timezone.now()
        self.save()
        ImportFile.objects.filter(pk=self.pk).delete()


FAILED = "failed"


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def expired(self) -> "ImportFileQuerySet":
        """Files of imports that stopped and did not go on within a day."""
        return self.filter(about__state=ImportState.STOPPED, about__finished_at__lte=timezone.now() - ABANDONED_AFTER)


class ImportFile(models.Model):
    """What is to be imported, encrypted, until it is: the file as it was uploaded, and then the rows to write."""

    about = models.OneToOneField(Import, models.CASCADE, primary_key=True, related_name="file")
    content = models.TextField()

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"The file of {self.pk}"

    @staticmethod
    def keep(about: Import, content: Any) -> None:
        """Store anything that JSON can tell."""
        text = base64.b85encode(zlib.compress(json.dumps(content).encode(), 1)).decode()
        ImportFile.objects.update_or_create(about=about, defaults={"content": encrypt(text)})

    def read(self) -> Any:
        return json.loads(zlib.decompress(base64.b85decode(decrypt(self.content))))


class ImportLineQuerySet(models.QuerySet["ImportLine"]):
    def add(self, about: Import, part: str, problems: Sequence[Problem]) -> None:
        self.bulk_create(
            [
                ImportLine(
                    about=about,
                    part=part,
                    file=problem.row.file[:200],
                    line=problem.line,
                    label=problem.label[:300],
                    reason=problem.reason,
                    cells=problem.row.cells,
                )
                for problem in problems
            ],
            batch_size=1000,
        )

    def expired(self) -> "ImportLineQuerySet":
        """Lines of imports that are not recent: they hold names and addresses."""
        return self.filter(about__lt=first_id_from(PREFIX, timezone.now() - settings.KEEP_IMPORT_LINES))


class ImportLine(models.Model):
    """A line that was not imported, and why."""

    about = models.ForeignKey(Import, models.CASCADE, related_name="lines")
    part = models.CharField(max_length=20)
    file = models.CharField(max_length=200)
    line = models.PositiveIntegerField()
    label = models.CharField("who", max_length=300)
    reason = models.TextField("what is wrong")
    cells = models.JSONField(default=dict)

    objects = ImportLineQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
