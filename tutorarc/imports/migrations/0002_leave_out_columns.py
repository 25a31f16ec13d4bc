from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    """The column stays in the database, with a default, so that the version before can run. The next one drops it."""

    dependencies = [("imports", "0001_initial")]

    operations = [
        migrations.AlterField(
            "import",
            "columns",
            models.JSONField(default=list, db_default=Value([], models.JSONField())),
        ),
        migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("import", "columns")]),
    ]
