from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("tutorarc", "0023_index_of_new_members"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="external_id",
            field=models.CharField(
                blank=True, help_text="Their id in another system, such as a school’s.", max_length=128, null=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="For the times in mails and on pages.", max_length=64
            ),
        ),
    ]
