"""Names of API keys in Unicode NFC, without characters that are refused now."""

from django.db import migrations

from tutorarc.db.backfill import rewrite
from tutorarc.domain.text import repaired_line


def changes_of(key):
    name = repaired_line(key.name)[:100] or "API key"
    return {"name": name} if name != key.name else {}


def normalize(apps, schema_editor):
    rewrite(apps, "apikeys.ApiKey", ("name",), changes_of, "edit")


class Migration(migrations.Migration):
    atomic = False  # each row in a transaction of its own
    dependencies = [("apikeys", "0003_figures_for_staff")]
    operations = [migrations.RunPython(normalize, migrations.RunPython.noop, elidable=True)]
