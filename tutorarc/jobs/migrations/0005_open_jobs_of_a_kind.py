from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("jobs", "0004_handed_over_at")]

    operations = [
        AddIndexConcurrently(
            "job",
            models.Index(
                fields=["kind", "due_at", "id"],
                condition=models.Q(done_at=None, failed_at=None),
                name="open_jobs_of_a_kind",
            ),
        ),
    ]
