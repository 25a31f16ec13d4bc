"""Expected answers of the API, for the tests of this app."""

from typing import Any

from tutorarc.testing.client import conflict


def membership(
    klass: Any, user: Any, status: str, *, role: str = "STUDENT", joined_at: str | None = None
) -> dict[str, Any]:
    """A whole membership as the API shows it."""
    return {"user_id": user.pk, "class_id": klass.pk, "role": role, "status": status, "joined_at": joined_at}


def status_of(klass: Any, user: Any) -> str | None:
    """The person's status in the class, straight from the database; None without a record."""
    return klass.memberships.filter(user=user).values_list("status", flat=True).first()


ARCHIVED = conflict("class_archived")

# Well-formed ids that name nothing
NOBODY = "usr_01h455vb4pex5vsknk084sn02q"
NO_CLASS = "cls_01h455vb4pex5vsknk084sn02q"
