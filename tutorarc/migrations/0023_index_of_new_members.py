from django.db import migrations, models

from tutorarc.db.migration_operations import AddIndexConcurrently


class Migration(migrations.Migration):
    """For the people of a class as they were at a moment."""

    atomic = False

    dependencies = [
        ("tutorarc", "0022_copy_records"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["class_id", "position"],
                condition=models.Q(
                    ("position__isnull", False),
                    ("type__in", ("membership.requested", "membership.enrolled", "membership.invited_accepted")),
                ),
                name="events_of_new_members",
            ),
        ),
    ]
