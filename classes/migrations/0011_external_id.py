from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("classes", "0010_room_url"),
    ]

    operations = [
        migrations.AddField(
            model_name="class",
            name="external_id",
            field=models.CharField(blank=True, help_text="Its id in another system, such as the school’s.", max_length=128, null=True),
        ),
    ]
