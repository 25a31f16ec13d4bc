"""Copy the audit records into events, batch by batch, and move the rights to see a history to the models themselves."""

import sys
from typing import Any

from django.db import migrations, transaction

MODELS = [
    ("tutorarc", "user"),
    ("classes", "class"),
    ("members", "membership"),
    ("live_sessions", "livesession"),
    ("apikeys", "apikey"),
]


def copy_records(apps: Any, _schema_editor: Any) -> None:
    from tutorarc.models.event import number_events
    from tutorarc.ops.former_records import copy_all

    copy_all(apps.get_model("tutorarc", "Event"))
    number_events(rounds=sys.maxsize)


@transaction.atomic
def move_rights(apps: Any, _schema_editor: Any) -> None:
    """Their names stay, so whoever has one keeps it. What is deleted with a content type are rights that nothing uses."""
    kinds, rights = apps.get_model("contenttypes", "ContentType").objects, apps.get_model("auth", "Permission").objects
    for app, model in MODELS:
        of_record = kinds.filter(app_label=app, model=f"historical{model}").first()
        if of_record:
            of_model, _ = kinds.get_or_create(app_label=app, model=model)
            codename = f"view_historical{model}"
            rights.filter(content_type=of_model, codename=codename).delete()  # just made, nobody has it yet
            rights.filter(content_type=of_record, codename=codename).update(content_type=of_model)
            of_record.delete()


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own

    dependencies = [
        ("tutorarc", "0021_events_instead_of_records"),
        ("apikeys", "0007_events_instead_of_records"),
        ("classes", "0009_events_instead_of_records"),
        ("members", "0010_events_instead_of_records"),
        ("live_sessions", "0008_events_instead_of_records"),
    ]

    operations = [
        migrations.RunPython(move_rights, migrations.RunPython.noop),
        migrations.RunPython(copy_records, migrations.RunPython.noop),
    ]
