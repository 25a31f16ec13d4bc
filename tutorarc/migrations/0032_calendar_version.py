from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tutorarc", "0031_events_by_type_and_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="calendar_version",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
    ]
