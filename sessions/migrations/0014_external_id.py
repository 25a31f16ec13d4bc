from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("live_sessions", "0013_cancel_message"),
    ]

    operations = [
        migrations.AddField(
            model_name="livesession",
            name="external_id",
            field=models.CharField(blank=True, editable=False, help_text="Its id in the integrator's system.", max_length=128, null=True),
        ),
    ]
