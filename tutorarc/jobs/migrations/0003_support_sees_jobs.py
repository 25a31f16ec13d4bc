"""Permissions to see jobs and consumers, for the group "Support", and to let failed jobs be tried again."""

from django.db import migrations

NAMES = {"job": "job", "eventconsumer": "event consumer"}


def add_rights(apps, schema_editor):
    """Django makes permissions after all migrations, so those that are needed are made here."""
    database = schema_editor.connection.alias
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name="Support")
    for model, name in NAMES.items():
        kind, _ = ContentType.objects.using(database).get_or_create(app_label="jobs", model=model)
        right, _ = Permission.objects.using(database).get_or_create(
            content_type=kind, codename=f"view_{model}", defaults={"name": f"Can view {name}"}
        )
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_event_consumer"), ("tutorarc", "0004_registrar_and_support")]

    operations = [
        migrations.AlterModelOptions(name="eventconsumer", options={"default_permissions": ("view",)}),
        migrations.AlterModelOptions(name="job", options={"default_permissions": ("view", "change")}),
        migrations.AlterModelOptions(name="worker", options={"default_permissions": ()}),
        # Backwards the group keeps them.
        migrations.RunPython(add_rights, migrations.RunPython.noop),
    ]
