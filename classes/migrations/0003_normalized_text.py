"""Titles and descriptions in Unicode NFC, without characters that are refused now."""

from django.db import migrations

from tutorarc.db.backfill import rewrite
from tutorarc.domain.text import repaired_line, repaired_lines


def changes_of(klass):
    texts = {
        "title": repaired_line(klass.title)[:200] or "Untitled",
        "description": repaired_lines(klass.description)[:10_000],
    }
    return {name: text for name, text in texts.items() if text != getattr(klass, name)}


def normalize(apps, schema_editor):
    rewrite(apps, "classes.Class", ("title", "description"), changes_of, "edit")


class Migration(migrations.Migration):
    atomic = False  # each row in a transaction of its own
    dependencies = [("classes", "0002_records_by_timeline")]
    operations = [migrations.RunPython(normalize, migrations.RunPython.noop, elidable=True)]
