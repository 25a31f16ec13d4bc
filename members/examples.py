"""Examples for the API reference, taken from the published API where it has them."""

from drf_spectacular.utils import OpenApiExample

from classes.examples import ONE as ONE_CLASS

MEMBERSHIP = {
    "user_id": "usr_456",
    "class_id": "cls_123",
    "role": "STUDENT",
    "status": "APPROVED",
    "joined_at": "2026-03-14T09:30:00Z",
}
PENDING = {**MEMBERSHIP, "status": "PENDING", "joined_at": None}
REJECTED = {**PENDING, "status": "REJECTED"}
REMOVED = {**MEMBERSHIP, "status": "REMOVED"}
TEACHER = {**MEMBERSHIP, "role": "TEACHER"}


def _sent(name: str, value: object) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _answer(name: str, value: object, status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


_CODE = _sent("A class code", {"class_code": "ALGO-7P4X"})
_ONE = _sent("One person", {"user_ids": ["usr_456"]})

LIST = [_answer("A membership", MEMBERSHIP)]
ONE = [_answer("An approved student", MEMBERSHIP)]
ENROL = [
    _sent("A co-teacher", {"email": "bob@example.org", "role": "TEACHER"}),
    _answer("An approved teacher", TEACHER, "201"),
]
CHANGE_ROLE = [_sent("Make a teacher", {"role": "TEACHER"}), _answer("A teacher", TEACHER)]
APPROVE = [
    _sent("Two people", {"user_ids": ["usr_456", "usr_789"]}),
    _answer("Approved", [MEMBERSHIP, {**MEMBERSHIP, "user_id": "usr_789"}]),
]
REJECT = [_ONE, _answer("Rejected", [REJECTED])]
REOPEN = [_ONE, _answer("Pending again", [PENDING])]
REMOVE = [_sent("A member", {"user_id": "usr_456"}), _answer("Removed", REMOVED)]
JOIN = [_CODE, _answer("A pending request", PENDING, "201")]
OWN = [_answer("A pending request", {**PENDING, "position": 3})]
LEAVE = [_answer("Removed", REMOVED)]
TRANSFER = [_sent("Your own place", {"to_user_id": "usr_456"}), *ONE_CLASS]
