"""One index less for every approval to write: the dashboard counts new members by their events."""

from django.db import migrations

from tutorarc.db.migration_operations import RemoveIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0012_invitations")]
    operations = [RemoveIndexConcurrently("membership", "members_by_joining")]
