from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("live_sessions", "0009_next_clock_event")]

    operations = [
        AddIndexConcurrently(
            "livesession",
            models.Index(
                fields=["next_clock_event_at"],
                condition=models.Q(next_clock_event_at__isnull=False),
                name="sessions_by_clock_event",
            ),
        ),
    ]
