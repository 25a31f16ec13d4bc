"""A default in the database for `session_version`, which 0005 once added without one: older versions write no value."""

from django.db import migrations, models


def set_default(apps, schema_editor):
    user = apps.get_model("tutorarc", "User")
    new = user._meta.get_field("session_version")
    old = models.PositiveIntegerField(default=0, editable=False, db_column="sign_in_round")
    old.set_attributes_from_name("session_version")
    old.model = user
    schema_editor.alter_field(user, old, new)


class Migration(migrations.Migration):
    dependencies = [("tutorarc", "0008_session_version")]

    operations = [migrations.RunPython(set_default, migrations.RunPython.noop)]
