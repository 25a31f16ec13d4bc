from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("live_sessions", "0021_sessions_in_rare_states")]

    operations = [
        AddIndexConcurrently(
            "livesession", models.Index(fields=["teacher_ref", "id"], name="sessions_of_a_teacher_id")
        )
    ]
