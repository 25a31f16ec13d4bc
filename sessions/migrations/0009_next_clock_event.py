from django.db import migrations, models


class Migration(migrations.Migration):
    """Null for the sessions that are there: the worker fills it in for those to come (sessions/jobs.py)."""

    dependencies = [("live_sessions", "0008_events_instead_of_records")]

    operations = [
        migrations.AddField("livesession", "next_clock_event_at", models.DateTimeField(editable=False, null=True)),
    ]
