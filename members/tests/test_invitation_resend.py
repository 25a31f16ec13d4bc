"""POST /classes/{id}/invitations/{inv}/resend"""

import pytest

from members.models import Invitation
from members.tests.conftest import token_of
from members.tests.expected import ARCHIVED
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import NOT_FOUND, conflict, forbidden, verdict

NOT_OPEN = conflict("invitation_not_open")


@pytest.fixture
def resend(algebra, alice, api):
    def post(invitation, by=alice):
        return api(by).post(f"/classes/{algebra.pk}/invitations/{invitation.pk}/resend")

    return post


def test_the_new_link_works_for_14_days_and_the_old_one_no_longer(invited, resend, time_machine):
    time_machine.move_to("2026-03-01T09:30:00Z", tick=False)
    invitation = invited("amy@example.org")
    time_machine.move_to("2026-03-20T09:30:00Z", tick=False)  # it has expired
    answer = resend(invitation)
    assert answer.json() == {
        "id": invitation.pk,
        "email": "amy@example.org",
        "role": "STUDENT",
        "status": "PENDING",
        "expires_at": "2026-04-03T09:30:00Z",
    }
    assert Invitation.objects.by_token(invitation.token) is None
    assert Invitation.objects.by_token(token_of(invitation)) == invitation
    event = Event.objects.latest("pk")
    assert (event.type, event.from_status, event.changes) == ("invitation.sent", "PENDING", {})


def test_who_invited_stays_the_same(algebra, alice, dora, admin, invited, resend):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    invitation = invited("amy@example.org", "TEACHER", by=admin)
    resend(invitation, by=dora)
    assert Invitation.objects.get().sent_by == admin


@pytest.mark.parametrize("verb", ["accept", "decline", "revoke"])
def test_an_answered_or_revoked_one_is_a_conflict(bob, invited, resend, verb):
    invitation = invited("amy@example.org")
    getattr(invitation, verb)(Actor(bob))
    assert verdict(resend(invitation)) == NOT_OPEN


def test_it_counts_for_the_limit_of_a_day(settings, invited, resend):
    settings.INVITATION_LIMIT = 1
    invitation = invited("amy@example.org")  # by the verb, which counts nothing
    assert resend(invitation).status_code == 200
    assert verdict(resend(invitation)) == (429, "too_many_invitations", [])


def test_it_is_refused_in_an_archived_class(algebra, alice, invited, resend):
    invitation = invited("amy@example.org")
    algebra.archive(Actor(alice))
    assert verdict(resend(invitation)) == ARCHIVED


def test_others_may_not(bob, dora, invited, resend):
    invitation = invited("amy@example.org")
    assert verdict(resend(invitation, by=dora)) == forbidden("not_a_member")
    assert verdict(resend(invitation, by=bob)) == forbidden("not_a_member")


def test_one_of_another_class_is_404(dora, alice, api, invited):
    other = invited("amy@example.org").klass.__class__.objects.create_with_teacher(Actor(alice), title="Biology")
    answer = api(alice).post(f"/classes/{other.pk}/invitations/{Invitation.objects.get().pk}/resend")
    assert verdict(answer) == NOT_FOUND
    assert verdict(api(alice).post(f"/classes/{other.pk}/invitations/1/resend")) == NOT_FOUND


def test_a_repeated_request_sends_once(algebra, alice, api, invited):
    client, path = api(alice), f"/classes/{algebra.pk}/invitations/{invited('amy@example.org').pk}/resend"
    first, second = (client.post(path, headers={"Idempotency-Key": "1"}) for _ in range(2))
    assert (second.json(), second["Idempotency-Replayed"]) == (first.json(), "true")
    assert Event.objects.filter(type="invitation.sent").count() == 2  # the first was that of the invitation
