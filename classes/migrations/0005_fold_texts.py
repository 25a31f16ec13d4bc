"""Folded titles and descriptions of all classes."""

from django.db import migrations

from tutorarc.domain.folded_fields import fold_rows


def fold(apps, schema_editor):
    fold_rows(apps, "classes.Class")


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own
    dependencies = [("classes", "0004_folded_text")]
    operations = [migrations.RunPython(fold, migrations.RunPython.noop, elidable=True)]
