"""DELETE /classes/{id}/invitations/{inv}"""

import pytest

from members.models import Invitation
from members.tests.expected import ARCHIVED
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import conflict, forbidden, verdict

NOT_OPEN = conflict("invitation_not_open")


@pytest.fixture
def revoke(algebra, alice, api):
    def delete(invitation, by=alice):
        return api(by).delete(f"/classes/{algebra.pk}/invitations/{invitation.pk}")

    return delete


def test_the_link_no_longer_works(bob, alice, invited, revoke):
    invitation = invited("amy@example.org")
    answer = revoke(invitation)
    assert (answer.status_code, answer.json()["status"]) == (200, "REVOKED")
    event = Event.objects.latest("pk")
    assert (event.type, event.from_status, event.changes) == (
        "invitation.revoked",
        "PENDING",
        {"status": ["PENDING", "REVOKED"]},
    )
    with pytest.raises(Invitation.NotOpen):
        invitation.accept(Actor(bob))


def test_no_mail_is_sent_of_one_that_was_revoked_meanwhile(invited, revoke, sent_mail):
    revoke(invited("amy@example.org"))
    assert [one.to for one in sent_mail()] == []


def test_an_expired_one_can_be_revoked_and_the_address_invited_anew(invited, revoke, time_machine):
    time_machine.move_to("2026-03-01T09:30:00Z", tick=False)
    first = invited("amy@example.org")
    time_machine.move_to("2026-03-20T09:30:00Z", tick=False)
    assert revoke(first).json()["status"] == "REVOKED"
    assert invited("amy@example.org").pk != first.pk


@pytest.mark.parametrize("verb", ["accept", "decline", "revoke"])
def test_an_answered_or_revoked_one_is_a_conflict(bob, invited, revoke, verb):
    invitation = invited("amy@example.org")
    getattr(invitation, verb)(Actor(bob))
    assert verdict(revoke(invitation)) == NOT_OPEN


def test_it_is_refused_in_an_archived_class(algebra, alice, invited, revoke):
    invitation = invited("amy@example.org")
    algebra.archive(Actor(alice))
    assert verdict(revoke(invitation)) == ARCHIVED


def test_others_may_not(dora, invited, revoke):
    assert verdict(revoke(invited("amy@example.org"), by=dora)) == forbidden("not_a_member")
