"""The addresses of people with rights count as confirmed: until now only superusers could change them."""

from django.db import migrations, models


def confirm(apps, schema_editor):
    user = apps.get_model("tutorarc", "User")
    with_rights = models.Q(is_staff=True) | models.Q(is_superuser=True) | models.Q(global_role="ADMIN")
    people = user.objects.using(schema_editor.connection.alias).filter(with_rights, email_set_by=None)
    people.update(email_set_by=models.F("id"))


class Migration(migrations.Migration):
    dependencies = [("tutorarc", "0017_access_given_by_others")]
    operations = [migrations.RunPython(confirm, migrations.RunPython.noop, elidable=True)]
