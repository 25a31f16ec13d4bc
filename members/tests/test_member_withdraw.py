"""DELETE /classes/{id}/join-request"""

import pytest

from members.models import Membership
from members.tests.expected import ARCHIVED, NO_CLASS, membership, status_of
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import NOT_FOUND, conflict, forbidden, invalid, verdict
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices

NOT_A_MEMBER = forbidden("not_a_member")
NO_REQUEST = conflict("no_pending_request")


@pytest.fixture
def withdraw(algebra, api):
    return lambda user: api(user).delete(f"/classes/{algebra.pk}/join-request")


def test_a_request_that_is_withdrawn_is_gone(algebra, bob, join, withdraw):
    join(algebra, bob, "PENDING")
    response = withdraw(bob)
    assert (response.status_code, response.content) == (204, b"")
    assert Membership.objects.filter(klass=algebra, user=bob).exists() is False


def test_others_keep_their_requests(algebra, bob, charlie, join, withdraw):
    for student in (bob, charlie):
        join(algebra, student, "PENDING")
    withdraw(bob)
    assert status_of(algebra, charlie) == "PENDING"


def test_a_person_who_withdrew_may_ask_again(algebra, bob, join, withdraw, api):
    join(algebra, bob, "PENDING")
    withdraw(bob)
    asked = api(bob).post("/join-requests", {"class_code": algebra.class_code})
    assert (asked.status_code, asked.json()) == (201, membership(algebra, bob, "PENDING"))


def test_a_reopened_request_can_be_withdrawn_too(algebra, alice, bob, join, withdraw):
    join(algebra, bob, "REMOVED")
    Membership.objects.reopen(algebra, [bob.pk], Actor(alice))
    assert withdraw(bob).status_code == 204


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "REMOVED"])
def test_an_answered_request_can_not_be_withdrawn(algebra, bob, join, withdraw, status):
    join(algebra, bob, status)
    assert verdict(withdraw(bob)) == NO_REQUEST
    assert status_of(algebra, bob) == status


def test_withdrawing_twice_finds_no_record(algebra, bob, join, withdraw):
    join(algebra, bob, "PENDING")
    withdraw(bob)
    assert verdict(withdraw(bob)) == NOT_A_MEMBER


@pytest.mark.parametrize("person", ["charlie", "dora", "admin"])
def test_a_person_without_a_record_has_nothing_to_withdraw(request, withdraw, person):
    assert verdict(withdraw(request.getfixturevalue(person))) == NOT_A_MEMBER


def test_a_student_who_became_a_teacher_may_still_withdraw(algebra, alice, bob, join, withdraw):
    join(algebra, bob, "PENDING")
    type(bob).objects.filter(pk=bob.pk).update(global_role="TEACHER")
    bob.refresh_from_db()
    assert withdraw(bob).status_code == 204


def test_a_request_to_an_archived_class_stays(algebra, alice, bob, join, withdraw):
    join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    assert verdict(withdraw(bob)) == ARCHIVED
    assert status_of(algebra, bob) == "PENDING"


def test_a_body_with_any_content_is_refused(algebra, bob, join, api):
    join(algebra, bob, "PENDING")
    path, body = f"/classes/{algebra.pk}/join-request", {"user_id": bob.pk}
    assert verdict(api(bob).delete(path, body)) == invalid("user_id", "unknown_field")
    assert status_of(algebra, bob) == "PENDING"


def test_an_unknown_class_is_not_found(api, bob):
    assert verdict(api(bob).delete(f"/classes/{NO_CLASS}/join-request")) == NOT_FOUND


def test_the_event_shows_the_request_as_it_was(algebra, bob, join, withdraw):
    member = join(algebra, bob, "PENDING")
    withdraw(bob)
    event = Event.objects.get(type="membership.withdrawn")
    assert (event.class_id, event.user_id, event.actor_user_id) == (algebra.pk, bob.pk, bob.pk)
    assert (event.object_id.int, event.from_status) == (member.pk, "PENDING")
    assert event.changes == {"status": ["PENDING", None]}
    assert event.data == membership(algebra, bob, "PENDING")


def test_teachers_are_not_mailed_about_a_request_that_was_withdrawn(algebra, bob, join, sent_mail):
    join(algebra, bob, "PENDING")
    Membership.objects.withdraw(algebra, Actor(bob))
    assert sent_mail() == []


def test_a_request_is_mailed_that_was_made_again(algebra, bob, join, sent_mail):
    join(algebra, bob, "PENDING")
    Membership.objects.withdraw(algebra, Actor(bob))
    join(algebra, bob, "PENDING")
    assert [letter.subject for letter in sent_mail()] == ["Bob requests to join Algebra"]


def test_a_form_withdraws_and_leads_to_the_page_to_join(signed_in, algebra, bob, join):
    join(algebra, bob, "PENDING")
    browser = signed_in(bob)
    answer = browser.post(f"/classes/{algebra.pk}/join-request", form(_method="DELETE"), FORM, headers=HTML)
    assert (answer.status_code, answer["Location"], answer.content) == (303, "/j", b"")
    assert notices(browser.get("http://testserver/j")) == ["Your request was withdrawn."]
    assert Membership.objects.filter(user=bob).exists() is False


def test_a_form_that_comes_too_late_shows_the_answer(signed_in, algebra, bob, join):
    join(algebra, bob, "REJECTED")
    page = signed_in(bob).post(f"/classes/{algebra.pk}/join-request", form(_method="DELETE"), FORM, headers=HTML)
    assert page.status_code == 409
    assert "Your request was declined" in page.content.decode()


def test_a_form_needs_a_csrf_token(browser_client, algebra, bob, join):
    join(algebra, bob, "PENDING")
    answer = browser_client(bob).post(f"/classes/{algebra.pk}/join-request", form(_method="DELETE"), FORM)
    assert (answer.status_code, status_of(algebra, bob)) == (403, "PENDING")


def test_a_key_sends_no_method_in_a_form(api, algebra, bob, join):
    join(algebra, bob, "PENDING")
    answer = api(bob).post(f"/classes/{algebra.pk}/join-request", form(_method="DELETE"), FORM)
    assert (answer.status_code, status_of(algebra, bob)) == (415, "PENDING")
