"""Pending requests, answered on the page of their class."""

import pytest
from django.contrib.auth.models import Permission

from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site, recorded, shown_messages, state

KIND = "classes_class"
ANSWERS = ('form="answers" name="_selected_action"', "Approve selected", "Reject selected")


def test_pending_requests_are_answered_on_the_page_of_their_class(site, algebra, bob, charlie, join):
    approved, left = join(algebra, bob, "PENDING"), join(algebra, charlie, "PENDING")
    page = site.page(algebra.pk).content.decode()
    assert [page.count(text) for text in ANSWERS] == [2, 1, 1]
    answer = {"action": "approve", "_selected_action": [approved.pk], "back": algebra.pk}
    response = site.post("/admin/members/membership/", answer)
    assert response.url == f"{site.address('change', algebra.pk)}#memberships"
    assert (state(approved)["status"], state(left)["status"]) == ("APPROVED", "PENDING")
    assert recorded(approved)[-1] == ("approved", "Root")


def test_an_answer_without_selection_redirects_to_the_class_with_a_message(site, algebra):
    response = site.post("/admin/members/membership/", {"action": "reject", "back": algebra.pk})
    assert response.url == f"{site.address('change', algebra.pk)}#memberships"
    assert shown_messages(response) == ["Nothing was changed: select at least one row first."]


@pytest.mark.parametrize("rights", [["view_class", "view_membership"], ["change_class", "view_membership"]])
def test_staff_without_the_right_are_offered_no_answer(make_user, algebra, bob, join, rights):
    join(algebra, bob, "PENDING")
    viewer = make_user("Viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    page = Site(viewer, KIND).page(algebra.pk).content.decode()
    assert [page.count(text) for text in ("bob@example.org", *ANSWERS)] == [1, 0, 0, 0]


def test_pending_requests_of_an_archived_class_are_not_answered(site, algebra, bob, join, alice):
    join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    page = site.page(algebra.pk).content.decode()
    assert (page.count("bob@example.org"), page.count('form="answers" name="_selected_action"')) == (1, 0)
