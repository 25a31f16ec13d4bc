"""PostgreSQL makes text of a varchar without reading the table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tutorarc", "0006_people_by_name")]

    operations = [
        migrations.AlterField("historicaluser", "history_change_reason", models.TextField(null=True)),
    ]
