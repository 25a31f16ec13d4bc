from django.db import migrations, models

from tutorarc.db.migration_operations import AddUniqueConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("tutorarc", "0024_external_id_and_time_zone"),
    ]

    operations = [
        AddUniqueConcurrently(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("external_id",),
                violation_error_message="Another person has this external id.",
                name="user_external_id_is_unique",
            ),
        ),
    ]
