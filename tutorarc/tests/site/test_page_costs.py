"""What pages without a test of their own for it cost: as many statements for one row as for many."""

import pytest
from django.test import Client

from apikeys.models import ApiKey
from members.models import Invitation, Membership
from members.models.invitation_queryset import Guest
from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.tests.browser.browsing import HTML
from tutorarc.webhooks.models import Endpoint

OF_TEACHER = {
    "/accounts/": 2,
    "/accounts/2fa/": 4,
    "/accounts/email/": 2,
    "/accounts/data": 3,
    "/accounts/notifications": 3,
    "/accounts/sessions/": 3,
    "/api/v1/classes/{klass}/invitations": 6,
    "/api/v1/events": 7,
    "/api/v1/events?class_id={klass}&type=membership.requested": 8,
    "/classes/{klass}/invite": 3,
    "/classes/{klass}/transfer": 4,
    "/developers/keys/new": 2,
    "/developers/keys/{key}/revoke": 3,
    "/developers/keys/{key}/rotate": 3,
    "/developers/webhooks/new": 3,
    "/developers/webhooks/{webhook}/delete": 3,
    "/developers/webhooks/{webhook}/edit": 3,
    "/developers/webhooks/{webhook}/replay": 3,
    "/developers/webhooks/{webhook}/rotate": 3,
}
OF_STUDENT = {"/invitations/{invitation}": 4}
OF_ADMIN = {"/api/v1/users": 3, "/api/v1/users/{person}": 4}


@pytest.fixture
def addresses(alice, bob, algebra):
    guests = [Guest(bob.email)]
    [invitation] = Invitation.objects.send(
        algebra, guests, "STUDENT", Actor(alice), site="https://tutorarc.example.org"
    )
    key, _ = ApiKey.objects.issue(alice, Actor(alice), name="First")
    webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://hooks.example.org")
    return {"klass": algebra.pk, "invitation": invitation.pk, "key": key.pk, "webhook": webhook.pk, "person": bob.pk}


@pytest.fixture
def rows(alice, algebra, make_user, crowd):
    """`rows(3)`: as many people who ask to join, teachers, invited people, keys, webhooks and sign-ins of Alice."""

    def add(count):
        crowd(algebra, count, "PENDING")
        for number in range(count):
            person = make_user(f"Teacher {number}", "TEACHER")
            Membership.objects.enrol(algebra, person, "TEACHER", Actor(alice))
            ApiKey.objects.issue(alice, Actor(alice), name=f"{number}")
            Endpoint.objects.register(alice, Actor(alice), url=f"https://hooks.example.org/{number}")
            Client().force_login(alice)
        guests = [Guest(f"guest-{number}@example.org") for number in range(count)]
        Invitation.objects.send(algebra, guests, "STUDENT", Actor(alice), site="https://tutorarc.example.org")
        number_events()

    return add


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize(("who", "costs"), [("alice", OF_TEACHER), ("bob", OF_STUDENT), ("root", OF_ADMIN)])
def test_a_page_costs_the_same_for_any_number_of_rows(
    request, addresses, rows, django_assert_max_num_queries, who, costs, count
):
    rows(count)
    browser = Client()
    browser.force_login(request.getfixturevalue(who))
    found = {}
    for path in costs:
        browser.get("/j", headers=HTML)  # what the first page of a sign-in costs more isn't counted
        with django_assert_max_num_queries(100) as statements:
            assert browser.get(path.format(**addresses), headers=HTML).status_code == 200
        found[path] = len(statements)
    assert found == costs
