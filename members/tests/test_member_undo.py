"""POST /undo: taking back a removal, a refused request or a change of role."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from members.models import Membership
from tutorarc.api.undo import LIFETIME
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.tests.browser.browsing import FORM, HTML, form, notices

AGAIN = "Nothing was undone, because this was changed again meanwhile."


@pytest.fixture
def press(signed_in):
    """`press(alice, page)`: presses Undo on a page, and returns the page that it leads to."""

    def send(user, page):
        [change] = re.findall(r'name="change" value="([^"]*)"', page.content.decode())
        address = "http://testserver/undo"
        return signed_in(user).post(address, form(change=unescape(change)), FORM, headers=HTML, follow=True)

    return send


def status_of(person):
    return Membership.objects.get(user=person).status


def types():
    return [*Event.objects.filter(type__startswith="membership.").order_by("pk").values_list("type", flat=True)]


@pytest.fixture
def removed(post_form, alice, bob, algebra, join):
    join(algebra, bob)
    return post_form(alice, f"/classes/{algebra.pk}/members/remove", user_id=bob.pk)


def test_one_click_brings_a_removed_person_back_by_the_verbs_of_the_api(removed, press, alice, bob, algebra):
    page = press(alice, removed)
    assert (page.status_code, notices(page), status_of(bob)) == (200, ["Bob is back in the class."], "APPROVED")
    assert page.request["PATH_INFO"] == f"/api/v1/classes/{algebra.pk}/members"
    assert types()[-3:] == ["membership.removed", "membership.reopened", "membership.approved"]


def test_a_second_click_changes_nothing_and_is_answered_like_the_first(removed, press, alice, bob):
    press(alice, removed)
    before = types()
    assert notices(press(alice, removed)) == ["Bob is back in the class."]
    assert types() == before


def test_a_later_removal_is_not_undone_by_an_old_page(removed, press, alice, bob, algebra):
    press(alice, removed)
    Membership.objects.remove(algebra, bob.pk, Actor(alice))
    assert (notices(press(alice, removed)), status_of(bob)) == ([AGAIN], "REMOVED")


def test_declined_people_are_requests_again(post_form, press, alice, algebra, crowd):
    people = crowd(algebra, 2, "PENDING")
    page = post_form(alice, f"/classes/{algebra.pk}/members/reject", user_ids=[person.pk for person in people])
    back = press(alice, page)
    assert (notices(back), [status_of(person) for person in people]) == (["2 requests are back."], ["PENDING"] * 2)


@pytest.mark.parametrize(
    ("given", "former", "words"),
    [
        ("TEACHER", "STUDENT", "Dora is a student of this class again."),
        ("STUDENT", "TEACHER", "Dora is a teacher of this class again."),
    ],
)
def test_a_role_is_changed_back(post_form, press, alice, dora, algebra, given, former, words):
    Membership.objects.enrol(algebra, dora, former, Actor(alice))
    page = post_form(alice, f"/classes/{algebra.pk}/members/{dora.pk}", _method="PATCH", role=given)
    assert notices(press(alice, page)) == [words]
    assert Membership.objects.get(user=dora).role == former


def test_a_role_that_did_not_change_cannot_be_changed_back(post_form, alice, dora, algebra, time_machine):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    time_machine.move_to(timezone.now() + timedelta(minutes=1))
    page = post_form(alice, f"/classes/{algebra.pk}/members/{dora.pk}", _method="PATCH", role="TEACHER")
    assert (page.status_code, b'name="change"' in page.content) == (200, False)


@pytest.mark.parametrize("action", ["approve", "reopen"])
def test_other_changes_offer_no_undo(post_form, alice, bob, algebra, join, action):
    join(algebra, bob, "PENDING" if action == "approve" else "REMOVED")
    page = post_form(alice, f"/classes/{algebra.pk}/members/{action}", user_ids=bob.pk)
    assert (page.status_code, b'name="change"' in page.content) == (200, False)


def test_only_the_person_who_made_the_change_can_undo_it(removed, press, dora, bob, algebra, alice):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert (press(dora, removed).status_code, status_of(bob)) == (403, "REMOVED")


def test_a_teacher_who_is_no_longer_in_the_class_cannot_undo(removed, press, dora, bob, algebra, alice):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, alice.pk, Actor(dora))
    assert (press(alice, removed).status_code, status_of(bob)) == (403, "REMOVED")


def test_nothing_is_undone_in_an_archived_class(removed, press, bob, algebra, alice):
    algebra.archive(Actor(alice))
    page = press(alice, removed)
    assert notices(page) == ["This class is archived and read-only until a teacher of the class unarchives it."]
    assert status_of(bob) == "REMOVED"


def test_after_an_hour_it_is_too_late(removed, press, alice, bob, time_machine):
    time_machine.move_to(timezone.now() + LIFETIME + timedelta(seconds=2))
    assert notices(press(alice, removed)) == ["It is too late to undo this."]
    assert status_of(bob) == "REMOVED"


@pytest.mark.parametrize("change", ["", "x", "a:b:c"])
def test_a_form_that_is_not_ours_changes_nothing(signed_in, alice, change):
    page = signed_in(alice).post("http://testserver/undo", form(change=change), FORM, headers=HTML)
    assert (page.status_code, page["Location"]) == (302, "/")


def test_without_the_token_of_the_form_it_is_refused(removed, browser_client, alice, bob):
    [change] = re.findall(r'name="change" value="([^"]*)"', removed.content.decode())
    page = browser_client(alice).post("http://testserver/undo", form(change=change), FORM, headers=HTML)
    assert (page.status_code, status_of(bob)) == (403, "REMOVED")


def test_after_signing_out_it_leads_to_the_sign_in_page(removed, client, bob, algebra):
    [change] = re.findall(r'name="change" value="([^"]*)"', removed.content.decode())
    page = client.post("/undo", {"change": change})
    assert (page.status_code, status_of(bob)) == (302, "REMOVED")
    assert page["Location"] == f"/accounts/login/?next=/api/v1/classes/{algebra.pk}/members"
