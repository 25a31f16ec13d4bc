"""Refused calls of API keys, kept for a while for the keys' owners (docs/contract.md, "Refused calls")."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import RowNumber
from django.utils import timezone

from tutorarc.db.ids import IdDateTimeField, TypeIDField, first_id_from
from tutorarc.domain.redaction import redact
from tutorarc.http import request_id as request_ids
from tutorarc.http.error_words import excerpt
from tutorarc.http.refusals import Refusal

PREFIX = "refusal"
MAX_OF_EACH_KEY = 1_000  # the oldest go
CLASS_CODE = re.compile(r"\b[0-9A-Z]{1,4}-[2-9B-DF-HJKMNP-TV-XZ]{4,8}\b", re.IGNORECASE | re.ASCII)


class RefusedCallQuerySet(models.QuerySet["RefusedCall"]):
    def recent(self) -> "RefusedCallQuerySet":
        """Those that have not expired."""
        return self.filter(pk__gte=first_id_from(PREFIX, timezone.now() - settings.KEEP_REFUSED_CALLS))

    def expired(self) -> "RefusedCallQuerySet":
        return self.filter(pk__lt=first_id_from(PREFIX, timezone.now() - settings.KEEP_REFUSED_CALLS))

    def write(self, calls: Collection["RefusedCall"]) -> None:
        """Insert the calls, and delete the oldest of their keys beyond MAX_OF_EACH_KEY: two statements."""
        self.bulk_create(calls)
        self._trim({call.api_key_id for call in calls})

    def _trim(self, keys: Iterable[str]) -> None:
        newest_first = models.Window(RowNumber(), partition_by="api_key", order_by="-id")
        ranked = self.filter(api_key__in=keys).annotate(rank=newest_first)
        self.filter(pk__in=ranked.filter(rank__gt=MAX_OF_EACH_KEY).values("pk")).delete()


class RefusedCall(models.Model):
    """A call with an API key that was answered with an error. Holds no body, no query and no secret."""

    id = TypeIDField(PREFIX, primary_key=True)
    created_at = IdDateTimeField()
    # Without constraints in the database, so that an insert locks no other row: keys and people are never deleted.
    api_key = models.ForeignKey(
        "apikeys.ApiKey", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="refused_calls"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    method = models.CharField(max_length=20)
    path = models.CharField(max_length=200)
    route = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=60)
    message = models.CharField(max_length=500)
    fields = models.JSONField(default=list)
    request_id = models.CharField(max_length=128)

    objects = RefusedCallQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["api_key", "id"], name="refused_calls_of_a_key"),
            models.Index(fields=["owner", "id"], name="refused_calls_of_an_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.method} {self.path}"

    @classmethod
    def of(cls, refusal: Refusal) -> "RefusedCall":
        """The row of a refusal, still without its key and owner."""
        return cls(
            method=without_secrets(refusal.method, 20),
            path=without_secrets(refusal.path, 200),
            route=refusal.route[:200],
            status=refusal.status,
            reason=str(refusal.reason)[:60],
            message=without_secrets(refusal.message, 500),
            fields=[_field(detail) for detail in refusal.details],
            request_id=without_secrets(request_ids.current.get(), 128),
        )


def _field(detail: Mapping[str, Any]) -> dict[str, str]:
    return {"field": without_secrets(detail["field"], 100), "code": str(detail["code"])}


def without_secrets(text: str, length: int) -> str:
    """A text that may repeat what was sent, as it is stored: without keys, tokens and class codes, and cut.

    Databases store neither NUL nor half of a surrogate pair.
    """
    storable = text.encode(errors="replace").decode().replace("\0", "�")
    return excerpt(CLASS_CODE.sub("...", redact(storable)), length)
