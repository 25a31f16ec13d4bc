from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("mail", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="mail_id",
            field=models.UUIDField(null=True),
        ),
    ]
