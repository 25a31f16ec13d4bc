"""People who asked to join gave their e-mail address to the class: of earlier memberships, the audit records tell."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, F, Max, OuterRef, Q

BATCH = 10_000


def fill(apps: Any, _schema_editor: Any) -> None:
    """Batch by batch, each in a transaction of its own. A person who never joined has asked to."""
    membership = apps.get_model("members", "Membership")
    records = apps.get_model("members", "HistoricalMembership").objects.filter(id=OuterRef("id"))
    asked = Q(joined_at=None) | Exists(records.filter(history_change_reason="join_request"))
    last = membership.objects.aggregate(last=Max("id"))["last"] or 0
    for start in range(0, last, BATCH):
        rows = membership.objects.filter(asked, id__gt=start, id__lte=start + BATCH, email_given_by=None)
        rows.update(email_given_by=F("user"))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0005_email_given")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
