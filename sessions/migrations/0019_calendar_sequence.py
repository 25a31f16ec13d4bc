from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("live_sessions", "0018_sessions_of_a_series"),
    ]

    operations = [
        migrations.AddField(
            model_name="livesession",
            name="calendar_sequence",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
