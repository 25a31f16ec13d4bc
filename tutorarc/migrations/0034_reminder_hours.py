from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tutorarc", "0033_note"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="reminder_hours",
            field=models.PositiveSmallIntegerField(db_default=24, default=24, editable=False),
        ),
    ]
