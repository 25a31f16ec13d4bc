"""The demo teacher's API key for a school website, and a few of its calls that were refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple
from uuid import uuid4

from apikeys.models import ApiKey, RefusedCall
from tutorarc.domain.events import Actor
from tutorarc.http.error_reasons import STATUSES, ErrorReason
from tutorarc.models import User
from tutorarc.ops.demo.past import Step
from tutorarc.ops.demo.plans import DAY, HOUR, MINUTE


class Refused(NamedTuple):
    ago: timedelta
    method: str
    path: str
    reason: ErrorReason
    fields: tuple[dict[str, str], ...] = ()


REFUSED = (
    Refused(2 * DAY, "POST", "/api/v1/classes", ErrorReason.INVALID_FIELDS, ({"field": "title", "code": "required"},)),
    Refused(26 * HOUR, "POST", "/api/v1/classes", ErrorReason.MALFORMED_JSON),
    Refused(
        3 * HOUR,
        "GET",
        "/api/v1/sessions",
        ErrorReason.UNKNOWN_PARAMETER,
        ({"field": "from", "code": "unknown_parameter"},),
    ),
)


class Integration:
    def __init__(self, owner: User, now: datetime) -> None:
        self.owner, self.now = owner, now

    def steps(self) -> Iterator[Step]:
        yield Step(self.now - 40 * DAY, self._issue_key)
        for call in REFUSED:
            yield Step(self.now - call.ago, partial(self._refuse, call))
        yield Step(self.now, lambda: ApiKey.objects.filter(pk=self.key.pk).update(last_used_at=self.now - 9 * MINUTE))

    def _issue_key(self) -> None:
        name, expiry = "School website", self.now + 6 * DAY
        self.key, _ = ApiKey.objects.issue(self.owner, Actor(self.owner), name=name, expires_at=expiry)

    def _refuse(self, call: Refused) -> None:
        row = RefusedCall(
            api_key=self.key,
            owner=self.owner,
            method=call.method,
            path=call.path,
            route=call.path,
            status=STATUSES[call.reason.code],
            reason=str(call.reason),
            message=call.reason.message,
            fields=list(call.fields),
            request_id=f"req_{uuid4().hex}",
        )
        RefusedCall.objects.write([row])
