"""Permissions to see webhooks and deliveries, for the group "Support", and to disable webhooks."""

from django.db import migrations

NAMES = {"endpoint": "webhook", "delivery": "delivery"}


def add_rights(apps, schema_editor):
    """Django makes permissions after all migrations, so those that are needed are made here."""
    database = schema_editor.connection.alias
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name="Support")
    for model, name in NAMES.items():
        kind, _ = ContentType.objects.using(database).get_or_create(app_label="webhooks", model=model)
        right, _ = Permission.objects.using(database).get_or_create(
            content_type=kind, codename=f"view_{model}", defaults={"name": f"Can view {name}"}
        )
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_endpoint_lease"), ("tutorarc", "0004_registrar_and_support")]

    operations = [
        migrations.AlterModelOptions(
            name="endpoint",
            options={"default_permissions": ("view", "change"), "ordering": ["-id"], "verbose_name": "webhook"},
        ),
        migrations.AlterModelOptions(
            name="delivery",
            options={"default_permissions": ("view",), "ordering": ["-id"], "verbose_name_plural": "deliveries"},
        ),
        # Backwards the group keeps them.
        migrations.RunPython(add_rights, migrations.RunPython.noop),
    ]
