"""Exports of the data of one person: who asked for them, and the file, encrypted (docs/privacy.md)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from tutorarc.domain.encryption import decrypt_bytes, encrypt_bytes
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent, SecurityEventKind, User

KIND = "data_export"  # of the job
GIVEN_UP_AFTER = timedelta(days=1)  # an export that is not done by then
BYTES_OF_A_PART = 256 * 1024


class ExportState(models.TextChoices):
    WAITING = "waiting", "Being prepared"
    READY = "ready", "Ready"
    TOO_LARGE = "too_large", "Too large"


def _person() -> "models.ForeignKey[User, User]":
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def expired(self) -> "DataExportQuerySet":
        """Exports that were done long enough ago, and those that no worker has done within a day."""
        now = timezone.now()
        return self.filter(
            Q(finished_at__lte=now - settings.KEEP_EXPORTS) | Q(finished_at=None, asked_at__lte=now - GIVEN_UP_AFTER)
        )

    def of(self, user: User, by: User) -> "DataExport | None":
        """The latest export of this person's data that `by` asked for, unless it has expired."""
        asked = self.filter(user=user, by=by)
        return asked.exclude(pk__in=asked.expired()).select_related("user").first()

    @transaction.atomic
    def ask(self, user: User, by: Actor, site: str) -> "DataExport":
        """Let a worker make an export, which replaces the one that the actor asked for before.

        Raises DataExport.InProgress, User.NeedsSuperuser and User.SignedOut.
        """
        User.objects.lock_account(user.pk, by)
        current = self.of(user, by.person)
        if current and current.state == ExportState.WAITING:
            raise DataExport.InProgress()
        self.filter(user=user, by=by.person).delete()
        export = self.create(user=user, by=by.person)
        Job.objects.enqueue(KIND, {"export": export.pk, "site": site})
        SecurityEvent.objects.record(SecurityEventKind.DATA_EXPORTED, user=user, by=by)
        return export


class DataExport(models.Model):
    """One export of what is kept about `user`. Only `by`, who asked for it, may download it."""

    class InProgress(Conflict):
        reason = "export_in_progress"
        message = "This export is being prepared. Wait until it is ready."

    State = ExportState

    user = _person()
    by = _person()
    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    size = models.PositiveIntegerField(default=0)  # bytes of the file

    objects = DataExportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "by"], name="one_export_of_each_person_by_each")]

    def __str__(self) -> str:
        return f"Data of {self.user_id}, {self.asked_at:%Y-%m-%d}"

    @property
    def until(self) -> datetime | None:
        return self.finished_at + settings.KEEP_EXPORTS if self.finished_at else None

    def refuse_unless_by_may(self) -> None:
        """Raises User.NeedsSuperuser if who asked for it may not manage the account, and User.NotActive."""
        if not self.by.is_active:
            raise User.NotActive()
        if self.by_id != self.user_id and not (self.by.is_staff and self.by.has_perm("tutorarc.change_user")):
            raise User.NeedsSuperuser()
        self.user.refuse_access(Actor(self.by))

    @transaction.atomic
    def finish(self, file: IO[bytes] | None) -> bool:
        """Store the file, encrypted, or that it was too large. False if another worker has done so."""
        values = {"finished_at": timezone.now(), "state": ExportState.READY if file else ExportState.TOO_LARGE}
        if not DataExport.objects.filter(pk=self.pk, state=ExportState.WAITING).update(**values):
            return False
        if file:
            DataExport.objects.filter(pk=self.pk).update(size=self._store(file))
        return True

    def _store(self, file: IO[bytes]) -> int:
        """Part by part, so that little of it is in memory. Returns its size in bytes."""
        file.seek(0)
        for number, data in enumerate(iter(lambda: file.read(BYTES_OF_A_PART), b"")):
            DataExportPart.objects.create(about=self, number=number, content=encrypt_bytes(data))
        return file.tell()

    def read(self) -> Iterator[bytes]:
        """The file, part by part. Raises cryptography.fernet.InvalidToken."""
        numbers = range(-(-self.size // BYTES_OF_A_PART))
        return (DataExportPart.objects.get(about=self, number=number).read() for number in numbers)


class DataExportPart(models.Model):
    """A piece of the file of an export, encrypted."""

    about = models.ForeignKey(DataExport, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.TextField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["about", "number"], name="one_part_of_each_number")]

    def __str__(self) -> str:
        return f"Part {self.number} of {self.about_id}"

    def read(self) -> bytes:
        return decrypt_bytes(self.content)
