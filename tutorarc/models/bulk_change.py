"""Changes of many rows that staff asked for at once, worked off in the background (docs/staff.md)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def expired(self) -> "BulkChangeQuerySet":
        return self.filter(created_at__lte=timezone.now() - settings.KEEP_IMPORTS)


class BulkChange(models.Model):
    """One action on many rows, such as people. `done` of the `keys` were looked at, in their order."""

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    action = models.CharField(max_length=50)
    label = models.CharField(max_length=200)
    site = models.CharField(max_length=200)  # address of this site, for links in mails
    keys = models.JSONField()
    options = models.JSONField(null=True)  # what else the action asked for, such as the new teacher of classes
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list)  # [id of the row, reason]: names may change, or have to be forgotten
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.label

    @property
    def total(self) -> int:
        return len(self.keys)

    @property
    def unchanged(self) -> int:
        """How many had the wanted state already."""
        return self.done - self.changed - len(self.refused)

    def note(self, outcomes: list[tuple[Any, bool, str]]) -> None:
        """Write the progress: for each row the id, whether it changed, and why it could not be."""
        self.done += len(outcomes)
        self.changed += sum(has_changed for _, has_changed, _ in outcomes)
        self.refused += [[key, reason] for key, _, reason in outcomes if reason]
        values: dict[str, Any] = {"done": self.done, "changed": self.changed, "refused": self.refused}
        if self.done >= self.total:
            values["finished_at"] = self.finished_at = timezone.now()
        type(self).objects.filter(pk=self.pk).update(**values)
