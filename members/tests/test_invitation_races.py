"""Answers to one invitation at the same moment: real threads, each with a database connection of its own."""

import pytest

from classes.models import Class
from members.models import Invitation, Membership
from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.models import Event

pytestmark = pytest.mark.django_db(transaction=True)

REPEATED = pytest.mark.parametrize("attempt", range(5))


def outcome(result):
    return type(result).__name__ if isinstance(result, Exception) else "done"


def of_invitation():
    types = Event.objects.filter(type__startswith="invitation.").order_by("pk").values_list("type", flat=True)
    return list(types)[1:]  # the first one says that it was sent


@REPEATED
def test_one_of_accept_and_revoke_wins(attempt, algebra, alice, bob, invited, run_together):
    invitation = invited(bob.email)
    results = run_together([lambda: invitation.accept(Actor(bob)), lambda: invitation.revoke(Actor(alice))])
    accepted = outcome(results[0]) == "done"
    assert [outcome(one) for one in results] == (["done", "NotOpen"] if accepted else ["NotOpen", "done"])
    assert of_invitation() == (["invitation.accepted"] if accepted else ["invitation.revoked"])
    assert status_of(algebra, bob) == ("APPROVED" if accepted else None)


@REPEATED
def test_one_of_two_people_with_the_link_gets_in(attempt, algebra, bob, charlie, invited, run_together):
    invitation = invited(bob.email)
    results = run_together([lambda one=one: invitation.accept(Actor(one)) for one in (bob, charlie)])
    assert sorted(outcome(one) for one in results) == ["NotOpen", "done"]
    assert sorted(str(status_of(algebra, one)) for one in (bob, charlie)) == ["APPROVED", "None"]
    assert of_invitation() == ["invitation.accepted"]


@REPEATED
def test_a_second_click_of_the_same_person_changes_nothing(attempt, algebra, bob, invited, run_together):
    invitation = invited(bob.email)
    results = run_together([lambda: invitation.accept(Actor(bob)) for _ in range(4)])
    assert sorted(outcome(one) for one in results) == ["NotOpen"] * 3 + ["done"]
    assert Event.objects.filter(type="membership.invited_accepted").count() == 1


@REPEATED
def test_an_accepted_invitation_is_not_sent_again(attempt, algebra, alice, bob, invited, run_together):
    invitation = invited(bob.email)
    accepted, sent = run_together(
        [lambda: invitation.accept(Actor(bob)), lambda: invitation.resend(Actor(alice), "https://site.example")]
    )
    assert outcome(accepted) == "done"  # also if it was sent again just before
    assert outcome(sent) in ("done", "NotOpen")
    assert of_invitation() == (["invitation.sent"] if outcome(sent) == "done" else []) + ["invitation.accepted"]


@REPEATED
def test_nobody_gets_into_a_class_that_is_archived_meanwhile(attempt, algebra, alice, bob, invited, run_together):
    invitation = invited(bob.email)
    accepted, _ = run_together([lambda: invitation.accept(Actor(bob)), lambda: algebra.archive(Actor(alice))])
    last = Event.objects.filter(type__in=["class.archived", "membership.invited_accepted"]).latest("pk").type
    assert outcome(accepted) in ("done", "Archived")
    assert last == "class.archived"
    assert Class.objects.get().is_archived
    assert Membership.objects.filter(user=bob).exists() == (outcome(accepted) == "done")


@REPEATED
def test_an_address_invited_by_two_teachers_at_once_has_one_invitation(
    attempt, algebra, alice, dora, api, run_together
):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    body = {"emails": ["amy@example.org"], "role": "STUDENT"}
    clients = [api(one) for one in (alice, dora)]
    answers = run_together(
        [lambda client=client: client.post(f"/classes/{algebra.pk}/invitations", body) for client in clients]
    )
    assert [answer.status_code for answer in answers] == [201, 201]
    assert {answer.json()[0]["id"] for answer in answers} == {Invitation.objects.get().pk}
