"""Invitations to accept on the home page"""

from members.tests.expected import status_of
from tutorarc.domain.events import Actor
from tutorarc.testing.client import Client

HOME = "http://testserver/"


def part(user):
    client = Client()
    client.force_login(user)
    page = client.get(HOME)
    found = [one["invitations"] for one in page.context["needs"] if "invitations" in one]
    return page, [invitation.pk for invitations in found for invitation in invitations]


def test_the_invited_person_accepts_and_declines_there(algebra, bob, invited):
    invitation = invited(bob.email)
    page, shown = part(bob)
    assert shown == [invitation.pk]
    assert f'action="/invitations/{invitation.pk}"' in page.content.decode()
    client = Client()
    client.force_login(bob)
    body = f"answer=accept&person={bob.pk}"
    client.post(
        f"http://testserver/invitations/{invitation.pk}", body, content_type="application/x-www-form-urlencoded"
    )
    assert status_of(algebra, bob) == "APPROVED"
    assert part(bob)[1] == []


def test_only_open_invitations_to_the_own_address_are_shown(algebra, alice, bob, charlie, invited, time_machine):
    time_machine.move_to("2026-03-01T09:30:00Z", tick=False)
    invited(charlie.email)
    assert part(bob)[1] == []
    invitation = invited(bob.email)
    time_machine.move_to("2026-03-15T09:29:59Z", tick=False)
    assert part(bob)[1] == [invitation.pk]
    time_machine.move_to("2026-03-15T09:30:00Z", tick=False)
    assert part(bob)[1] == []


def test_none_of_archived_classes_and_none_that_was_revoked_is_shown(algebra, alice, bob, invited):
    invitation = invited(bob.email)
    algebra.archive(Actor(alice))
    assert part(bob)[1] == []
    algebra.unarchive(Actor(alice))
    assert part(bob)[1] == [invitation.pk]
    invitation.revoke(Actor(alice))
    assert part(bob)[1] == []
