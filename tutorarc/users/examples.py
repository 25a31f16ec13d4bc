"""Examples for the API reference."""

from drf_spectacular.utils import OpenApiExample

USER = {
    "id": "usr_456",
    "email": "sam@school.example",
    "display_name": "Sam Oyelaran",
    "global_role": "STUDENT",
    "status": "ACTIVE",
    "external_id": "sis-2041",
    "time_zone": "",
}
NEW = {name: USER[name] for name in ("email", "display_name", "global_role", "external_id")} | {"invite": True}

ONE = [OpenApiExample("A user", value=USER, response_only=True)]
CREATE = [
    OpenApiExample("A student, who gets a mail", value=NEW, request_only=True),
    OpenApiExample("The new user", value=USER, response_only=True, status_codes=["201"]),
]
DEACTIVATED = [OpenApiExample("A user who left", value={**USER, "status": "DEACTIVATED"}, response_only=True)]
UPDATE = [OpenApiExample("Deactivate somebody", value={"status": "DEACTIVATED"}, request_only=True), *DEACTIVATED]
