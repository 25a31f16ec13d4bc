"""Fixtures of the tests of invitations."""

from collections.abc import Callable
from typing import Any

import pytest

from members.models import Invitation
from members.models.invitation_queryset import Guest
from tutorarc.domain.encryption import decrypt
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job


@pytest.fixture
def invited(algebra: Any, alice: Any) -> Callable[..., Any]:
    """`invited("amy@example.org")`: an open invitation of Alice's, by the verb. `token` of it is that of its link."""

    def send(email: str, role: str = "STUDENT", by: Any = alice, name: str = "", message: str = "") -> Any:
        [sent] = Invitation.objects.send(
            algebra, [Guest(email, name)], role, Actor(by), message=message, site="https://tutorarc.example.org"
        )
        sent.token = token_of(sent)
        return sent

    return send


def token_of(invitation: Any) -> str:
    """The token of the mail that waits."""
    jobs = Job.objects.filter(kind="invitation_mail", payload__invitation=invitation.pk)
    return decrypt(jobs.latest("pk").payload["token"])
