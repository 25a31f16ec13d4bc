from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("live_sessions", "0017_series")]

    operations = [
        AddIndexConcurrently(
            "livesession",
            models.Index(
                condition=models.Q(("series__isnull", False)),
                fields=["series", "start_time", "id"],
                name="sessions_of_a_series",
            ),
        ),
    ]
