"""The groups "Registrar" (people, classes and memberships; no keys) and "Support" (everything, read only).

Neither right to people is one to ADMINs: superusers alone appoint them, and change them or a colleague. The pages and the
import of people see to that (`UserAdmin.has_change_permission`).

Django makes permissions after all migrations, too late for this one, so those that are needed are made here; Django
finds them then. A group of that name that is there already gets these permissions beside its own.
"""

from django.db import migrations

PEOPLE_AND_CLASSES = [("tutorarc", "user"), ("classes", "class"), ("members", "membership")]
THE_REST = [("live_sessions", "livesession"), ("apikeys", "apikey")]
HISTORIES = {model: f"historical{model}" for _, model in PEOPLE_AND_CLASSES + THE_REST}
GROUPS = {
    "Registrar": [
        *((app, model, verb) for app, model in PEOPLE_AND_CLASSES for verb in ("view", "add", "change")),
        *((app, HISTORIES[model], "view") for app, model in PEOPLE_AND_CLASSES),
    ],
    "Support": [
        (app, kind, "view") for app, model in PEOPLE_AND_CLASSES + THE_REST for kind in (model, HISTORIES[model])
    ],
}


def open_groups(apps, schema_editor):
    database = schema_editor.connection.alias
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    for name, rights in GROUPS.items():
        group, _ = Group.objects.using(database).get_or_create(name=name)
        for app, model, verb in rights:
            kind, _ = ContentType.objects.using(database).get_or_create(app_label=app, model=model)
            right, _ = Permission.objects.using(database).get_or_create(
                content_type=kind, codename=f"{verb}_{model}", defaults={"name": f"Can {verb} {model}"}
            )
            group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies = [
        ("tutorarc", "0003_records_by_timeline"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    # Backwards the groups stay: people are in them.
    operations = [migrations.RunPython(open_groups, migrations.RunPython.noop)]
