"""A verified e-mail address for every user, as django-allauth keeps them."""

from django.db import migrations

from tutorarc.db.backfill import in_batches


def add_addresses(apps, schema_editor):
    model = apps.get_model("account", "EmailAddress")
    for batch in in_batches(apps.get_model("tutorarc", "User"), "email"):
        rows = [model(user_id=user.pk, email=user.email, verified=True, primary=True) for user in batch]
        model.objects.bulk_create(rows, ignore_conflicts=True)  # a row of an earlier, interrupted attempt


class Migration(migrations.Migration):
    atomic = False  # each batch in a transaction of its own
    dependencies = [("tutorarc", "0018_addresses_of_people_with_rights"), ("account", "0009_emailaddress_unique_primary_email")]
    operations = [migrations.RunPython(add_addresses, migrations.RunPython.noop, elidable=True)]
