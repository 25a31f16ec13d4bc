"""Delete the rows that a test with transactions of its own has committed."""

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from tutorarc.jobs.consumers import CONSUMERS
from tutorarc.jobs.models import EventConsumer

FROM_MIGRATIONS = {ContentType, Permission, Group, Group.permissions.through, EventConsumer}
GROUPS_FROM_MIGRATIONS = ("Registrar", "Support", "Auditor")


def delete_committed_rows() -> None:
    """Delete all rows but those that migrations add.

    Django truncates every table, which takes fifty times as long, and adds content types and permissions
    again, but not the groups of staff: later tests that need these would fail.
    """
    models = set(apps.get_models(include_auto_created=True)) - FROM_MIGRATIONS
    tables = sorted({model._meta.db_table for model in models})
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:  # in any order: foreign keys are checked at the end of the transaction
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608
        EventConsumer.objects.exclude(name__in=list(CONSUMERS)).delete()
        EventConsumer.objects.update(position=0, failing_since=None, last_error="", retry_at=None)
        Group.objects.exclude(name__in=GROUPS_FROM_MIGRATIONS).delete()
