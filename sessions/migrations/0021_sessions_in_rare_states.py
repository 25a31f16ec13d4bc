from django.db import migrations
from django.db.models import Case, F, Index, Q, Value, When
from django.db.models.lookups import IsNull

from tutorarc.db.migration_operations import AddIndexConcurrently

ENDED_EARLY = Q(IsNull(Case(When(ended_at__lt=F("start_time"), then=Value(None)), default=F("id")), True))
OPEN = Q(strict=False, ended_at=None, cancelled_at=None)
RARE = {"cancelled": Q(cancelled_at__isnull=False), "ended_early": ENDED_EARLY, "open": OPEN}
OWNERS = {"sessions": [], "of_class": ["klass"], "of_creator": ["created_by"]}
BY_START = [
    Index(fields=[*owner, "start_time", "id"], name=f"{state}_{suffix}", condition=condition)
    for state, condition in RARE.items()
    for suffix, owner in OWNERS.items()
]
BY_ID = [
    Index(fields=[*OWNERS[suffix], "id", "start_time"], name=f"{state}_{suffix}_by_id", condition=RARE[state])
    for state in ("cancelled", "open")
    for suffix in ("sessions", "of_creator")
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("live_sessions", "0020_attendance")]

    operations = [AddIndexConcurrently("livesession", index) for index in (*BY_START, *BY_ID)]
