"""Titles in Unicode NFC, without characters that are refused now. Integrators' own ids are only composed."""

from unicodedata import normalize as normalized

from django.db import migrations

from tutorarc.db.backfill import rewrite
from tutorarc.domain.text import repaired_line


def changes_of(session):
    texts = {
        "title": repaired_line(session.title)[:200] or "Untitled",
        "teacher_ref": normalized("NFC", session.teacher_ref)[:128],
    }
    return {name: text for name, text in texts.items() if text != getattr(session, name)}


def normalize(apps, schema_editor):
    rewrite(apps, "live_sessions.LiveSession", ("title", "teacher_ref"), changes_of, "reschedule")


class Migration(migrations.Migration):
    atomic = False  # each row in a transaction of its own
    dependencies = [("live_sessions", "0003_next_of_a_creator")]
    operations = [migrations.RunPython(normalize, migrations.RunPython.noop, elidable=True)]
