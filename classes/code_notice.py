"""Notices of many wrong class codes with one prefix (docs/contract.md, "Class codes")."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

PAUSE = timedelta(hours=1)  # between two notices of one prefix
SHOWN_FOR = timedelta(days=1)


class CodeNoticeQuerySet(models.QuerySet["CodeNotice"]):
    def recent(self) -> "CodeNoticeQuerySet":
        """Notices to show to teachers."""
        return self.filter(noticed_at__gt=timezone.now() - SHOWN_FOR)

    def expired(self) -> "CodeNoticeQuerySet":
        return self.filter(noticed_at__lte=timezone.now() - SHOWN_FOR)

    def notice(self, prefix: str) -> bool:
        """Note that many wrong codes were tried. Returns whether teachers are to be told: at most once an hour."""
        now = timezone.now()
        _, created = self.get_or_create(prefix=prefix, defaults={"noticed_at": now})
        return created or bool(self.filter(prefix=prefix, noticed_at__lte=now - PAUSE).update(noticed_at=now))


class CodeNotice(models.Model):
    """Many wrong codes with this prefix were tried."""

    prefix = models.CharField(max_length=4, primary_key=True)
    noticed_at = models.DateTimeField()

    objects = CodeNoticeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.prefix}, {self.noticed_at:%Y-%m-%d %H:%M}"
