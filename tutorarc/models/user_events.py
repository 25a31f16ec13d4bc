"""What events tell of users."""

from collections.abc import Mapping
from typing import Any

from tutorarc.domain.events import EventSource

STATUSES = ACTIVE, DEACTIVATED = "ACTIVE", "DEACTIVATED"


def status_of(is_active: bool) -> str:
    return ACTIVE if is_active else DEACTIVATED


def _type_of(verb: str, changes: Mapping[str, Any]) -> str | None:
    if verb in ("edit", "close") and "status" in changes:
        return "deactivated" if changes["status"] == [ACTIVE, DEACTIVATED] else "reactivated"
    return None


SHOWN = ("id", "email", "display_name", "global_role", "status", "external_id", "time_zone")  # by the API
TOLD = (*SHOWN[1:], "is_staff", "is_superuser")

USER_EVENTS = EventSource(
    kind="user",
    types={
        "create": "created",
        "edit": "updated",
        "close": "updated",
        "erase": "updated",
        "set_groups": "groups_changed",
        "give_permissions": "permissions_given",
        "confirm_address": "email_confirmed",
        "remove_second_factors": "second_factors_removed",
        "set_password": "password_set",
        "end_sign_ins": "sign_ins_ended",
        "make_password_link": "password_link_made",
        "renew_calendar": "calendar_renewed",
        "add_note": "note_added",
        "delete_note": "note_deleted",
    },
    fields={name: name for name in TOLD},
    user_id="pk",
    type_of=_type_of,
)
