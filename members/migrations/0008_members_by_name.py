"""The names of all members, copied from the users, and their index."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery

from tutorarc.db.backfill import in_batches
from tutorarc.db.migration_operations import AddIndexConcurrently


def copy_names(apps, schema_editor):
    name = apps.get_model("tutorarc", "User").objects.filter(pk=OuterRef("user_id")).values("folded_name")
    members = apps.get_model("members", "Membership")
    for batch in in_batches(members, "pk"):
        unnamed = members._base_manager.filter(pk__gte=batch[0].pk, pk__lte=batch[-1].pk, folded_name="")
        unnamed.update(folded_name=Subquery(name))


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own, and the index beside the writes
    dependencies = [("members", "0007_folded_name"), ("tutorarc", "0012_fold_names")]
    operations = [
        migrations.RunPython(copy_names, migrations.RunPython.noop, elidable=True),
        AddIndexConcurrently(
            "membership", models.Index(fields=["klass", "folded_name", "id"], name="members_by_name")
        ),
    ]
