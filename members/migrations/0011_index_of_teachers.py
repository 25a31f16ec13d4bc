"""An index of teachers in place of two of all members by role, which every change had to write."""

from django.db import migrations, models
from django.db.models import Q

from tutorarc.db.migration_operations import AddIndexConcurrently, RemoveIndexConcurrently

TEACHERS = models.Index(fields=["klass", "status", "id"], condition=Q(role="TEACHER"), name="teachers_of_a_class")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0010_events_instead_of_records")]
    operations = [
        AddIndexConcurrently("membership", TEACHERS),
        RemoveIndexConcurrently("membership", "members_by_role"),
        RemoveIndexConcurrently("membership", "members_by_role_and_status"),
    ]
