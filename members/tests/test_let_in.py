"""Adding somebody on the page: whoever waits is approved, and whoever was in the class before is let back in."""

import pytest

from members.messages import REFUSALS
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import conflict, verdict
from tutorarc.tests.browser.browsing import notices


def status_of(person):
    return Membership.objects.get(user=person).status


def types():
    events = Event.objects.filter(type__startswith="membership.").order_by("-pk")[:2]
    return [event.type.partition(".")[2] for event in events][::-1]


@pytest.mark.parametrize(
    ("status", "events"),
    [
        ("PENDING", ["requested", "approved"]),
        ("REJECTED", ["reopened", "approved"]),
        ("REMOVED", ["reopened", "approved"]),
    ],
)
def test_whoever_has_a_record_is_let_in(post_form, alice, bob, algebra, join, status, events):
    join(algebra, bob, status)
    page = post_form(alice, f"/classes/{algebra.pk}/members", email="Bob@example.org", role="STUDENT")
    assert (page.status_code, notices(page)) == (201, ["Bob is in the class now."])
    assert (status_of(bob), types()) == ("APPROVED", events)


def test_the_button_beside_a_person_lets_back_in_with_one_click(post_form, alice, bob, algebra, join):
    join(algebra, bob, "REMOVED")
    page = post_form(alice, f"/classes/{algebra.pk}/members", user_id=bob.pk, role="STUDENT")
    assert (page.status_code, notices(page), status_of(bob)) == (201, ["Bob is in the class now."], "APPROVED")


def test_somebody_who_is_in_the_class_is_not_added_twice(post_form, alice, bob, algebra, join):
    join(algebra, bob)
    page = post_form(alice, f"/classes/{algebra.pk}/members", email="bob@example.org", role="STUDENT")
    assert (page.status_code, notices(page)) == (409, [str(REFUSALS["already_on_record"])])


def test_a_request_is_not_approved_if_the_role_is_impossible(post_form, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    page = post_form(alice, f"/classes/{algebra.pk}/members", email="bob@example.org", role="TEACHER")
    assert (page.status_code, notices(page)) == (409, [str(REFUSALS["student_cannot_teach"])])
    assert status_of(bob) == "PENDING"


@pytest.mark.parametrize("email", ["nobody@example.org", "charlie@example.org"])
def test_a_teacher_cannot_tell_who_has_an_account(post_form, alice, charlie, algebra, email):
    page = post_form(alice, f"/classes/{algebra.pk}/members", email=email, role="STUDENT")
    assert (page.status_code, notices(page)) == (409, [str(REFUSALS["invite_instead"])])


def test_an_administrator_learns_that_no_account_uses_an_address(post_form, admin, algebra):
    page = post_form(admin, f"/classes/{algebra.pk}/members", email="nobody@example.org", role="STUDENT")
    assert (page.status_code, notices(page)) == (409, [str(REFUSALS["unknown_person"])])


def test_the_api_refuses_people_with_a_record(api, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    answer = api(alice).post(f"/classes/{algebra.pk}/members", {"user_id": bob.pk, "role": "STUDENT"})
    assert verdict(answer) == conflict("already_on_record")
    assert status_of(bob) == "PENDING"


def test_nobody_is_let_into_an_archived_class(post_form, alice, bob, algebra, join):
    join(algebra, bob, "REMOVED")
    algebra.archive(Actor(alice))
    page = post_form(alice, f"/classes/{algebra.pk}/members", user_id=bob.pk, role="STUDENT")
    assert (page.status_code, notices(page)) == (409, [str(REFUSALS["class_archived"])])


def test_also_if_a_key_asks_for_html(api, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    answer = api(alice).post(
        f"/classes/{algebra.pk}/members", {"user_id": bob.pk, "role": "STUDENT"}, headers={"Accept": "text/html"}
    )
    assert (answer.status_code, status_of(bob)) == (409, "PENDING")
