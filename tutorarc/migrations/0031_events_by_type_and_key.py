from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """For the filters of the audit page."""

    atomic = False

    dependencies = [("tutorarc", "0030_view_event")]

    operations = [
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["type", "position"],
                condition=models.Q(("position__isnull", False)),
                name="events_by_type",
            ),
        ),
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["actor_key_id", "position"],
                condition=models.Q(("actor_key_id__isnull", False), ("position__isnull", False)),
                name="events_by_key",
            ),
        ),
    ]
