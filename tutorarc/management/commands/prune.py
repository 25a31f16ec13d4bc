from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apikeys.refused_calls import RefusedCall
from classes.code_notice import CodeNotice
from tutorarc.http.hashed_sessions import hash_former_keys
from tutorarc.http.session_store import SessionStore
from tutorarc.models import IdempotentReply, KnownBrowser, LimitCount, SecurityEvent

BATCH = 1000


class Command(BaseCommand):
    help = "Remove expired data: replies to an Idempotency-Key, sign-ins, security events, known browsers: daily."

    def handle(self, **options: Any) -> None:
        expired: dict[str, QuerySet[Any]] = {
            "idempotent replies": IdempotentReply.objects.expired(),
            "sign-ins": Session.objects.filter(expire_date__lte=timezone.now()),
            "ended sign-ins on lists": UserSession.objects.exclude(session_key__in=Session.objects.values("pk")),
            "security events": SecurityEvent.objects.expired(),
            "known browsers": KnownBrowser.objects.expired(),
            "refused calls": RefusedCall.objects.expired(),
            "limits": LimitCount.objects.expired(),
            "notices of guessed codes": CodeNotice.objects.expired(),
        }
        for name, rows in expired.items():
            self.stdout.write(f"{name}: {_remove(rows)} removed")
        hash_former_keys(SessionStore())


def _remove(rows: QuerySet[Any]) -> int:
    """Delete in batches, each in its own transaction. Locked rows are left for the next run."""
    removed = 0
    while True:
        with transaction.atomic():
            keys = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
            rows.model._default_manager.filter(pk__in=keys).delete()
        removed += len(keys)
        if len(keys) < BATCH:
            return removed
