"""Fewer indexes that every approval has to write: dates of joining are told by events, and most members are approved."""

from django.db import migrations, models
from django.db.models import Q

from tutorarc.db.migration_operations import AddIndexConcurrently, RemoveIndexConcurrently

NOT_APPROVED = models.Index(fields=["status", "id"], condition=~Q(status="APPROVED"), name="members_not_approved")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0012_invitations")]
    operations = [
        AddIndexConcurrently("membership", NOT_APPROVED),
        RemoveIndexConcurrently("membership", "members_of_all_by_status"),
        RemoveIndexConcurrently("membership", "members_by_joining"),
    ]
