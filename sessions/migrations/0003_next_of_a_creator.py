from django.conf import settings
from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("classes", "0002_records_by_timeline"),
        ("live_sessions", "0002_records_by_timeline"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            "livesession",
            models.Index(fields=["created_by", "start_time", "id"], name="sessions_of_creator_by_start"),
        )
    ]
