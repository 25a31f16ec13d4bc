from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """For the filters of the list of users."""

    atomic = False

    dependencies = [
        ("tutorarc", "0025_unique_external_id"),
    ]

    operations = [
        AddIndexConcurrently("user", models.Index(fields=["global_role", "id"], name="users_by_role")),
        AddIndexConcurrently(
            "user", models.Index(fields=["id"], condition=models.Q(("is_active", True)), name="users_active")
        ),
        AddIndexConcurrently(
            "user", models.Index(fields=["id"], condition=models.Q(("is_active", False)), name="users_deactivated")
        ),
    ]
