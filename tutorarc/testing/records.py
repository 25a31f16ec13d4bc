"""The audit records of versions before the table of events, for tests of migrations."""

from functools import cache
from typing import Any

from django.apps.registry import Apps
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

LAST = [
    ("tutorarc", "0020_event"),
    ("apikeys", "0006_refused_calls"),
    ("classes", "0008_limit_folded_description"),
    ("members", "0009_rows_of_a_rolling_update"),
    ("live_sessions", "0007_fold_titles"),
]


@cache
def apps_before_events() -> Apps:
    """The models of the last version with records."""
    return MigrationLoader(None).project_state(LAST).apps


def write_record(app: str, model: str, row: Any, verb: str, **about: Any) -> Any:
    """Write the audit record of a verb, with the row as it is now."""
    records = apps_before_events().get_model(app, f"Historical{model}")
    copied = {
        field.attname: getattr(row, field.attname)
        for field in records._meta.concrete_fields
        if not field.name.startswith("history_") and hasattr(row, field.attname)
    }
    return records.objects.create(
        **{**copied, "history_date": timezone.now(), "history_type": "~", "history_change_reason": verb, **about}
    )


def records_of(app: str, model: str, row: Any) -> list[str]:
    """The verbs in the audit records of a row, oldest first."""
    records = apps_before_events().get_model(app, f"Historical{model}").objects.filter(id=row.pk)
    return list(records.order_by("history_id").values_list("history_change_reason", flat=True))
