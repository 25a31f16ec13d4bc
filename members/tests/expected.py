"""Expected answers of the API, for the tests of this app."""

from typing import Any


def membership(
    klass: Any, user: Any, status: str, *, role: str = "STUDENT", joined_at: str | None = None
) -> dict[str, Any]:
    """A whole membership as the API shows it."""
    return {"user_id": user.pk, "class_id": klass.pk, "role": role, "status": status, "joined_at": joined_at}


def error(response: Any) -> tuple[int, str, str, list[tuple[str, str]]]:
    """Status, code, message, and (field, code) of each detail of an error, whose shape is checked on the way."""
    body = response.json()
    assert body.keys() == {"status", "error"}
    assert body["status"] == "error"
    assert body["error"].keys() == {"code", "reason", "message", "request_id", "details"}
    assert body["error"]["request_id"] == response.headers["X-Request-ID"]
    details = [(detail["field"], detail["code"]) for detail in body["error"]["details"]]
    return response.status_code, body["error"]["code"], body["error"]["message"], details


def status_of(klass: Any, user: Any) -> str | None:
    """The person's status in the class, straight from the database; None without a record."""
    return klass.memberships.filter(user=user).values_list("status", flat=True).first()


ARCHIVED = (409, "CONFLICT", "This class is archived and read-only. Unarchive it first.", [])

# Well-formed ids that name nothing
NOBODY = "usr_01h455vb4pex5vsknk084sn02q"
NO_CLASS = "cls_01h455vb4pex5vsknk084sn02q"
