"""Folded titles of all live sessions."""

from django.db import migrations

from tutorarc.domain.folded_fields import fold_rows


def fold(apps, schema_editor):
    fold_rows(apps, "live_sessions.LiveSession")


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own
    dependencies = [("live_sessions", "0006_folded_title")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop, elidable=True)]
