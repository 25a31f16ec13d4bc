"""A superuser confirms an address, or gives rights, for the person who was shown, not for who that is by now."""

import pytest
from django.contrib.auth.models import Group, Permission

from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import Site, errors, state
from tutorarc.tests.staff.test_gained_rights import PEOPLE, confirm_address_of, fields

CHANGED = User.ChangedMeanwhile.message


@pytest.fixture
def rita(make_user):
    """Staff who may change people."""
    user = make_user("Rita", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return user


@pytest.fixture
def stranger(rita, bob):
    """Bob, whose address Rita entered."""
    return bob.edit(Actor(rita), email="rita2@example.org")


def test_the_question_names_every_address(root, make_user):
    people = [make_user(f"Pupil {number}") for number in range(12)]
    site = Site(root, PEOPLE)
    keys = [person.pk for person in people]
    page = site.post(site.address("changelist"), {"action": "confirm_address", "_selected_action": keys}).text
    assert [page.count(f"&lt;{person.email}&gt;</li>") for person in people] == [1] * 12


def test_an_address_that_is_as_shown_is_confirmed(root, stranger):
    assert confirm_address_of(root, stranger) == ["Person confirmed."]
    assert User.objects.get(pk=stranger.pk).is_address_confirmed


def test_an_address_that_changed_while_the_question_was_open_is_not_confirmed(root, rita, stranger):
    said = confirm_address_of(root, stranger, meanwhile=lambda: stranger.edit(Actor(rita), email="rita3@example.org"))
    assert said == ["0 of 1 people confirmed.", f"Bob <rita3@example.org>: {CHANGED}"]
    assert not User.objects.get(pk=stranger.pk).is_address_confirmed


@pytest.mark.parametrize("shown", [[], [""], ["rita2@example.org"], ["usr_1 rita2@example.org"]])
def test_an_address_that_was_not_shown_is_not_confirmed(root, stranger, shown):
    Site(root, PEOPLE).act("confirm_address", [stranger], shown=shown)
    assert not User.objects.get(pk=stranger.pk).is_address_confirmed


RIGHTS = [{"is_staff": "on"}, {"is_superuser": "on"}, {"global_role": "ADMIN"}, {"groups": "Support"}]


def promote(root, person, change, meanwhile):
    if "groups" in change:
        change = {"groups": [Group.objects.get(name=change["groups"]).pk]}
    site = Site(root, PEOPLE)
    page = site.page(person.pk)
    before = fields(person, **change)
    meanwhile()
    return site.change_on(page, person.pk, **before)


@pytest.mark.parametrize("change", RIGHTS, ids=lambda change: next(iter(change)))
@pytest.mark.parametrize("swap", [{"email": "rita2@example.org"}, {"display_name": "Dr Bob"}])
def test_no_rights_are_given_to_a_person_who_changed_while_the_form_was_open(root, rita, bob, change, swap):
    page = promote(root, bob, change, lambda: bob.edit(Actor(rita), **swap))
    assert errors(page) == {"__all__": [CHANGED]}
    now = state(bob)
    assert (now["is_staff"], now["is_superuser"], now["global_role"]) == (False, False, "STUDENT")
    assert bob.groups.count() == 0


@pytest.mark.parametrize("change", RIGHTS, ids=lambda change: next(iter(change)))
def test_rights_are_given_together_with_a_new_name_and_address(root, bob, change):
    sent = {**change, "display_name": "Dr Bob", "email": "dr@example.org"}
    if "groups" in change:
        sent["groups"] = [Group.objects.get(name="Support").pk]
    assert Site(root, PEOPLE).change(bob.pk, **fields(bob, **sent)).status_code == 302
    now = User.objects.get(pk=bob.pk)
    assert (now.display_name, now.email) == ("Dr Bob", "dr@example.org")


def test_other_changes_keep_what_others_changed_meanwhile(root, rita, bob):
    page = promote(root, bob, {"global_role": "TEACHER"}, lambda: bob.edit(Actor(rita), email="bob2@example.org"))
    assert page.status_code == 302
    assert (state(bob)["global_role"], state(bob)["email"]) == ("TEACHER", "bob2@example.org")
