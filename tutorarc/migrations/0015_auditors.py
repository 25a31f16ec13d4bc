"""The group "Auditor": people and the security log, read only. Superusers see the log without it."""

from django.db import migrations

RIGHTS = [("user", "view"), ("securityevent", "view")]


def add_group(apps, schema_editor):
    """As in 0004: Django makes permissions after all migrations, so those that are needed are made here."""
    database = schema_editor.connection.alias
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name="Auditor")
    for model, verb in RIGHTS:
        kind, _ = ContentType.objects.using(database).get_or_create(app_label="tutorarc", model=model)
        right, _ = Permission.objects.using(database).get_or_create(
            content_type=kind,
            codename=f"{verb}_{model}",
            defaults={"name": f"Can {verb} security event" if model == "securityevent" else f"Can {verb} person"},
        )
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("tutorarc", "0014_known_browser")]

    # Backwards the group stays: people are in it.
    operations = [migrations.RunPython(add_group, migrations.RunPython.noop)]
