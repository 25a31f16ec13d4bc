"""Folded names of all users."""

from django.db import migrations

from tutorarc.domain.folded_fields import fold_rows


def fold(apps, schema_editor):
    fold_rows(apps, "tutorarc.User")


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own
    dependencies = [("tutorarc", "0011_folded_name")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop, elidable=True)]
