"""Deletion of expired rows, every day by the worker, or by `manage.py prune`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apikeys.refused_calls import RefusedCall
from classes.code_notice import CodeNotice
from members.models import Invitation
from tutorarc.exports.models import DataExport
from tutorarc.http.hashed_sessions import hash_former_keys
from tutorarc.http.session_store import SessionStore
from tutorarc.imports.models import Import, ImportFile, ImportLine
from tutorarc.jobs.models import Job, Worker
from tutorarc.jobs.registry import Payload, periodic
from tutorarc.mail.models import Notice
from tutorarc.models import BulkChange, IdempotentReply, KnownBrowser, LimitCount, SecurityEvent
from tutorarc.ops.former_records import copy_newest
from tutorarc.webhooks.models import Delivery, Endpoint

BATCH = 1000


@periodic("prune", every=timedelta(days=1), retries=(600, 3600), lease=timedelta(hours=1))
def prune_daily(_payload: Payload) -> None:
    for _ in prune():
        pass


def prune() -> Iterator[tuple[str, int]]:
    """Delete what is expired. Yields what was deleted, and how many of it.

    Also removes former secrets of webhooks whose rotation is over, and brings into today's form what servers of the
    version before wrote during an update.
    """
    for name, rows in _expired().items():
        yield name, _remove(rows)
    Endpoint.objects.forget_former_secrets()
    hash_former_keys(SessionStore())
    copy_newest()


def _expired() -> dict[str, QuerySet[Any]]:
    return {
        "idempotent replies": IdempotentReply.objects.expired(),
        "sign-ins": Session.objects.filter(expire_date__lte=timezone.now()),
        "ended sign-ins on lists": UserSession.objects.exclude(session_key__in=Session.objects.values("pk")),
        "security events": SecurityEvent.objects.expired(),
        "known browsers": KnownBrowser.objects.expired(),
        "refused calls": RefusedCall.objects.expired(),
        "limits": LimitCount.objects.expired(),
        "notices of guessed codes": CodeNotice.objects.expired(),
        "notices by mail": Notice.objects.expired(),
        "deliveries": Delivery.objects.expired(),
        "jobs": Job.objects.expired(),
        "workers": Worker.objects.expired(),
        "lines of imports": ImportLine.objects.expired(),
        "files of imports": ImportFile.objects.expired(),
        "imports": Import.objects.expired(),
        "changes of many people": BulkChange.objects.expired(),
        "log of the admin site": LogEntry.objects.filter(action_time__lte=timezone.now() - settings.KEEP_SECURITY_LOG),
        "invitations": Invitation.objects.expired(),
        "exports of personal data": DataExport.objects.expired(),
    }


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
