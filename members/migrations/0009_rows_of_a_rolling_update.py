"""Fill what the version before didn't write while it still ran beside the migrations 0005 to 0008: folded texts, and who
gave a person's address.
"""

from typing import Any

from django.db import migrations
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery

from tutorarc.domain.folded_fields import fold_rows

BATCH = 10_000


def fill(apps: Any, _schema_editor: Any) -> None:
    for label in ("tutorarc.User", "classes.Class", "live_sessions.LiveSession"):
        fold_rows(apps, label)
    membership, user = apps.get_model("members", "Membership"), apps.get_model("tutorarc", "User")
    records = apps.get_model("members", "HistoricalMembership").objects.filter(id=OuterRef("id"))
    asked = Q(joined_at=None) | Exists(records.filter(history_change_reason="join_request"))
    name = Subquery(user.objects.filter(pk=OuterRef("user_id")).values("folded_name"))
    last = membership.objects.aggregate(last=Max("id"))["last"] or 0
    for start in range(0, last, BATCH):
        rows = membership.objects.filter(id__gt=start, id__lte=start + BATCH)
        rows.exclude(folded_name=F("user__folded_name")).update(folded_name=name)
        rows.filter(asked, email_given_by=None, email_given="").update(email_given_by=F("user"))


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own

    dependencies = [
        ("members", "0008_members_by_name"),
        ("classes", "0005_fold_texts"),
        ("live_sessions", "0007_fold_titles"),
        ("tutorarc", "0012_fold_names"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
