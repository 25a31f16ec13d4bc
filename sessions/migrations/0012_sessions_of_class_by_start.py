from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("live_sessions", "0011_room_url")]

    operations = [
        AddIndexConcurrently(
            "livesession",
            models.Index(fields=["klass", "start_time", "id"], name="sessions_of_class_by_start"),
        ),
    ]
