"""GET /classes/{id}/invitations"""

import pytest

from members.models import Invitation
from tutorarc.domain.events import Actor
from tutorarc.testing.client import NOT_FOUND, forbidden, invalid_parameter, verdict


@pytest.fixture
def one_of_each(algebra, alice, bob, invited, time_machine):
    """An invitation in each status, by it."""
    time_machine.move_to("2026-03-01T09:30:00Z", tick=False)
    found = {"EXPIRED": invited("expired@example.org")}
    time_machine.move_to("2026-03-16T09:30:00Z", tick=False)
    found["PENDING"] = invited("pending@example.org")
    found["ACCEPTED"], found["DECLINED"], found["REVOKED"] = (
        invited(f"{name}@example.org") for name in ("accepted", "declined", "revoked")
    )
    found["ACCEPTED"].accept(Actor(bob))
    found["DECLINED"].decline()
    found["REVOKED"].revoke(Actor(alice))
    return found


def emails(answer):
    return [one["email"].partition("@")[0] for one in answer.json()["results"]]


def test_all_are_listed_newest_first(algebra, alice, api, one_of_each):
    answer = api(alice).get(f"/classes/{algebra.pk}/invitations")
    assert emails(answer) == ["revoked", "declined", "accepted", "pending", "expired"]
    assert answer.json()["results"][4] == {
        "id": one_of_each["EXPIRED"].pk,
        "email": "expired@example.org",
        "role": "STUDENT",
        "status": "EXPIRED",
        "expires_at": "2026-03-15T09:30:00Z",
    }


@pytest.mark.parametrize("status", ["PENDING", "ACCEPTED", "DECLINED", "REVOKED", "EXPIRED"])
def test_they_are_filtered_by_the_status_that_is_shown(algebra, alice, api, one_of_each, status):
    answer = api(alice).get(f"/classes/{algebra.pk}/invitations?status={status}")
    assert emails(answer) == [status.lower()]
    assert [one["status"] for one in answer.json()["results"]] == [status]


def test_an_unknown_status_is_refused(algebra, alice, api):
    answer = api(alice).get(f"/classes/{algebra.pk}/invitations?status=OPEN")
    assert verdict(answer) == invalid_parameter("status", "invalid_choice")


def test_those_of_other_classes_are_not_listed(algebra, dora, api, one_of_each):
    other = type(algebra).objects.create_with_teacher(Actor(dora), title="Biology")
    assert emails(api(dora).get(f"/classes/{other.pk}/invitations")) == []


def test_only_teachers_of_the_class_and_administrators_see_them(algebra, bob, dora, admin, join, api, one_of_each):
    path = f"/classes/{algebra.pk}/invitations"
    assert algebra.memberships.get(user=bob).status == "APPROVED"
    assert verdict(api(bob).get(path)) == forbidden("wrong_role")
    assert verdict(api(dora).get(path)) == forbidden("not_a_member")
    assert api(admin).get(path).status_code == 200


def test_an_unknown_class_is_404(alice, api):
    assert verdict(api(alice).get("/classes/cls_01h455vb4pex5vsknk084sn02q/invitations")) == NOT_FOUND


def test_a_list_costs_the_same_for_one_and_for_many(algebra, alice, api, invited, django_assert_num_queries):
    client, path = api(alice), f"/classes/{algebra.pk}/invitations?page_size=100"
    invited("amy@example.org")
    with django_assert_num_queries(3):
        client.get(path)
    for number in range(20):
        invited(f"student{number}@example.org")
    with django_assert_num_queries(3):
        assert len(client.get(path).json()["results"]) == 21


def test_the_creator_who_no_longer_teaches_sees_no_addresses_in_the_feed(algebra, alice, dora, api, one_of_each):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    query = "/events?type=invitation.sent&type=invitation.accepted"
    before = api(alice).get(query).json()["results"]
    assert {event["data"]["email"] for event in before} == {one.email for one in one_of_each.values()}
    algebra.memberships.change_role(algebra, alice.pk, "STUDENT", Actor(dora))
    after = api(alice).get(query).json()["results"]
    assert {event["data"]["email"] for event in after} == {""}
    assert [event["user_id"] for event in after if event["type"] == "invitation.accepted"] == [
        Invitation.objects.get(stored_status="ACCEPTED").accepted_by_id
    ]
