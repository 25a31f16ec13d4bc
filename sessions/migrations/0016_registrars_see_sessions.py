"""Permissions to see live sessions and their history, for the group "Registrar"."""

from django.db import migrations

CODENAMES = ("view_livesession", "view_historicallivesession")


def add_rights(apps, schema_editor):
    """A group that was renamed or removed gets none."""
    database = schema_editor.connection.alias
    rights = apps.get_model("auth", "Permission").objects.using(database).filter(
        content_type__app_label="live_sessions", codename__in=CODENAMES
    )
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name="Registrar"):
        group.permissions.add(*rights)


class Migration(migrations.Migration):
    dependencies = [
        ("live_sessions", "0015_unique_external_id"),
        ("tutorarc", "0022_copy_records"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    # Backwards the group keeps them.
    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
