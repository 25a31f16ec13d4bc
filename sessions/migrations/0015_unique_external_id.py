from django.db import migrations, models

from tutorarc.db.migration_operations import AddUniqueConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("live_sessions", "0014_external_id"),
    ]

    operations = [
        AddUniqueConcurrently(
            model_name="livesession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("external_id", "created_by"),
                name="session_external_id_is_unique",
            ),
        ),
    ]
