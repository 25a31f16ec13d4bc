from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("live_sessions", "0022_sessions_of_a_teacher_id"),
    ]

    operations = [
        migrations.AddField(
            model_name="livesession",
            name="signed_links",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, help_text="Its teacher links have a token."
            ),
        ),
    ]
