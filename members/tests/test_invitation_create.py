"""POST /classes/{id}/invitations"""

import pytest
from django.core import mail
from django.db import connection
from rest_framework.exceptions import Throttled

from members.invitations.limits import count_invitations
from members.models import Invitation
from members.tests.expected import ARCHIVED
from tutorarc.domain.events import Actor
from tutorarc.domain.sliding_window import Usage
from tutorarc.http.counters import guess_counters
from tutorarc.models import Event
from tutorarc.testing.client import forbidden, invalid, invalid_fields, verdict

IN_14_DAYS = "2026-03-28T09:30:00Z"
MESSAGE = "See you on Tuesday.\nBring a pen."


@pytest.fixture
def invite(algebra, alice, api):
    def post(*emails, by=alice, role="STUDENT", **more):
        return api(by).post(f"/classes/{algebra.pk}/invitations", {"emails": list(emails), "role": role, **more})

    return post


def test_each_address_is_invited_in_the_order_given(half_past_nine, algebra, invite):
    answer = invite("zoe@example.org", "Amy@Example.ORG ", role="TEACHER", message=MESSAGE)
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/classes/{algebra.pk}/invitations")
    zoe, amy = Invitation.objects.order_by("-email")
    shown = {"role": "TEACHER", "status": "PENDING", "expires_at": IN_14_DAYS}
    assert answer.json() == [
        {"id": zoe.pk, "email": "zoe@example.org", **shown},
        {"id": amy.pk, "email": "amy@example.org", **shown},
    ]
    assert (amy.message, amy.sent_by_id, amy.klass_id) == (MESSAGE, algebra.created_by_id, algebra.pk)


def test_an_admin_may_invite_and_others_may_not(admin, bob, dora, join, algebra, invite):
    join(algebra, bob)
    assert invite("amy@example.org", by=admin).status_code == 201
    assert verdict(invite("amy@example.org", by=dora)) == forbidden("not_a_member")
    assert verdict(invite("amy@example.org", by=bob)) == forbidden("wrong_role")


def test_the_answer_the_events_and_the_statements_are_the_same_for_an_address_with_an_account(
    half_past_nine, bob, invite, django_assert_num_queries
):
    with django_assert_num_queries(12) as known:
        to_bob = invite("bob@example.org")
    with django_assert_num_queries(12) as unknown:
        to_nobody = invite("nobody@example.org")
    [shown], [other] = to_bob.json(), to_nobody.json()
    assert {**shown, "id": "", "email": ""} == {**other, "id": "", "email": ""}
    assert len(known) == len(unknown)
    events = Event.objects.filter(type="invitation.sent").order_by("pk")
    assert [(event.user_id, event.changes) for event in events] == [
        (None, {"status": [None, "PENDING"], "role": [None, "STUDENT"]})
    ] * 2


def test_the_event_shows_the_invitation(alice, algebra, invite):
    answer = invite("amy@example.org")
    event = Event.objects.get(type="invitation.sent")
    assert (event.class_id, event.actor_user_id, event.from_status) == (algebra.pk, alice.pk, "")
    assert event.data == answer.json()[0]


def test_an_unanswered_invitation_is_sent_again_with_the_new_role(algebra, dora, alice, invite, sent_mail):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    [first] = invite("amy@example.org").json()
    [second, other] = invite("amy@example.org", "zoe@example.org", role="TEACHER", by=dora).json()
    assert (second["id"], second["role"]) == (first["id"], "TEACHER")
    assert other["id"] != first["id"]
    assert Invitation.objects.get(pk=first["id"]).sent_by == dora
    again = Event.objects.filter(type="invitation.sent", object_id=Invitation._meta.pk.get_prep_value(first["id"]))
    assert again.latest("pk").changes == {"role": ["STUDENT", "TEACHER"]}
    links = {
        line for one in sent_mail() if one.to == ["amy@example.org"] for line in one.body.split() if "/inv" in line
    }
    assert len(links) == 1  # the link of the first mail had been replaced before it was sent


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"emails": []}, invalid("emails", "min_length")),
        ({"emails": ["amy@example.org"] * 501}, invalid("emails", "max_length")),
        ({"emails": ["amy@example.org", "nobody"]}, invalid("emails[1]", "invalid")),
        ({"emails": ["a@x.org", "b@x.org", "A@x.org"]}, invalid("emails[2]", "duplicate")),
        ({"emails": "amy@example.org"}, invalid("emails", "not_a_list")),
        ({"emails": [1]}, invalid("emails[0]", "invalid")),
        ({"role": "ADMIN"}, invalid("role", "invalid_choice")),
        ({"message": "x" * 1001}, invalid("message", "max_length")),
        ({"name": "Amy"}, invalid("name", "unknown_field")),
    ],
)
def test_a_wrong_body_invites_nobody(algebra, alice, api, body, expected):
    whole = {"emails": ["amy@example.org"], "role": "STUDENT", **body}
    assert verdict(api(alice).post(f"/classes/{algebra.pk}/invitations", whole)) == expected
    assert not Invitation.objects.exists()


def test_addresses_and_role_are_required(algebra, alice, api):
    answer = api(alice).post(f"/classes/{algebra.pk}/invitations", {})
    assert verdict(answer) == invalid_fields([("emails", "required"), ("role", "required")])


def test_nobody_is_invited_to_an_archived_class(alice, algebra, invite):
    algebra.archive(Actor(alice))
    assert verdict(invite("amy@example.org")) == ARCHIVED


def test_a_key_needs_the_scope(algebra, alice, api):
    path = f"/classes/{algebra.pk}/invitations"
    answer = api(alice, scopes=["members:read"]).post(path, {"emails": ["amy@example.org"], "role": "STUDENT"})
    assert verdict(answer) == forbidden("missing_scope")


def test_a_repeated_request_invites_once(algebra, alice, api):
    body = {"emails": ["amy@example.org"], "role": "STUDENT"}
    client, path = api(alice), f"/classes/{algebra.pk}/invitations"
    first, second = (client.post(path, body, headers={"Idempotency-Key": "1"}) for _ in range(2))
    assert (second.json(), second["Idempotency-Replayed"]) == (first.json(), "true")
    assert second["Location"] == first["Location"]
    assert Event.objects.filter(type="invitation.sent").count() == 1


def test_the_people_that_one_person_invites_in_a_day_are_limited(settings, alice, dora, algebra, invite):
    settings.INVITATION_LIMIT = 3
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert invite("a@example.org", "b@example.org").status_code == 201
    refused = invite("c@example.org", "d@example.org")
    assert verdict(refused) == (429, "too_many_invitations", [])
    assert 0 < int(refused["Retry-After"]) <= 2 * 24 * 3600
    assert Invitation.objects.count() == 2
    assert invite("c@example.org").status_code == 201
    assert invite("d@example.org", by=dora).status_code == 201


def test_calls_at_the_same_moment_can_not_pass_the_limit_together(settings, alice, monkeypatch):
    settings.INVITATION_LIMIT = 3
    count_invitations(alice, 2)
    counters = guess_counters()
    monkeypatch.setattr(type(counters), "read", lambda *_: [Usage(0, 0, False)])  # as before the other call counted
    with pytest.raises(Throttled):
        count_invitations(alice, 2)


def test_500_people_are_invited_in_as_few_statements_as_one(invite, django_assert_num_queries):
    with django_assert_num_queries(12):
        assert invite("amy@example.org").status_code == 201
    limited = connection.vendor == "sqlite"  # to 999 parameters in a statement
    with django_assert_num_queries(25 if limited else 12):
        assert invite(*(f"student{number}@example.org" for number in range(500))).status_code == 201


def test_no_mail_is_queued_where_mail_is_off(settings, invite, sent_mail):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert invite("amy@example.org").status_code == 201
    sent_mail()
    assert mail.outbox == []
