"""Browsers in which a person has signed in before (docs/security.md, "Known browsers")."""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

if TYPE_CHECKING:
    from tutorarc.models import User

MAX_FOR_EACH_PERSON = 20  # the one used longest ago is forgotten first


class KnownBrowserQuerySet(models.QuerySet["KnownBrowser"]):
    """A browser is known for TUTORARC_KEEP_KNOWN_BROWSERS after the last sign-in."""

    def expired(self) -> "KnownBrowserQuerySet":
        return self.filter(last_used_at__lte=timezone.now() - settings.KEEP_KNOWN_BROWSERS)

    def knows(self, emails: Iterable[str], browser_id: str) -> bool:
        """Whether the person with one of these addresses has signed in with this browser."""
        known = self.filter(last_used_at__gt=timezone.now() - settings.KEEP_KNOWN_BROWSERS)
        return known.filter(user__email__in=emails, digest=_digest(browser_id)).exists()

    @transaction.atomic
    def remember(self, user: "User", browser_id: str) -> bool:
        """Note a sign-in. Returns whether the browser is new for this person."""
        mine, now, digest = self.filter(user=user), timezone.now(), _digest(browser_id)
        if mine.filter(digest=digest, last_used_at__gt=now - settings.KEEP_KNOWN_BROWSERS).update(last_used_at=now):
            return False
        browser = self.model(user=user, digest=digest, last_used_at=now)
        self.bulk_create(
            [browser], update_conflicts=True, unique_fields=["user", "digest"], update_fields=["last_used_at"]
        )
        newest = mine.order_by("-last_used_at", "-pk").values("pk")[:MAX_FOR_EACH_PERSON]
        mine.exclude(pk__in=newest).delete()
        return True


class KnownBrowser(models.Model):
    """A browser that one person has signed in with. Only a digest of the id in its cookie is stored."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_browsers", db_index=False
    )
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)

    objects = KnownBrowserQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_known_browser_per_user_and_digest")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.digest[:8]}"


def _digest(browser_id: str) -> str:
    return hashlib.sha256(browser_id.encode()).hexdigest()
