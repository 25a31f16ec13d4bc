"""The right to see all events, for the groups "Auditor" and "Support". Superusers see them without it."""

from django.db import migrations


def give_right(apps, schema_editor):
    """As in 0015: Django makes permissions after all migrations, so this one is made here. Renamed groups get none."""
    database = schema_editor.connection.alias
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.using(database).get_or_create(
        app_label="tutorarc", model="event"
    )
    right, _ = apps.get_model("auth", "Permission").objects.using(database).get_or_create(
        content_type=kind, codename="view_event", defaults={"name": "Can see all events"}
    )
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=["Auditor", "Support"]):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("tutorarc", "0029_account_deleted_at")]

    operations = [
        migrations.AlterModelOptions(
            name="event", options={"default_permissions": (), "permissions": [("view_event", "Can see all events")]}
        ),
        migrations.RunPython(give_right, migrations.RunPython.noop),
    ]
