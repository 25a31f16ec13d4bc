"""A stale page of the admin site writes only the fields that its user changed."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission

from tutorarc.domain.events import SYSTEM
from tutorarc.tests.staff.admin_site import Site, errors, first_shown, recorded, state
from tutorarc.tests.staff.test_users import fields

SCHEDULE = {"title": "Calculus", "start_time_0": "2036-03-20", "start_time_1": "10:00:00", "duration": "60"}


@pytest.fixture
def people(root):
    return Site(root, "tutorarc_user")


@pytest.fixture
def office():
    return Group.objects.create(name="Office")


@pytest.fixture
def session(schedule):
    return schedule(title="Calculus", start_time=datetime(2036, 3, 20, 10, tzinfo=UTC), strict=False)


def names(user):
    return set(user.groups.values_list("name", flat=True))


def test_a_stale_page_does_not_reactivate_a_person(people, bob):
    page = people.page(bob.pk)
    bob.edit(SYSTEM, is_active=False, email="robert@example.org", global_role="TEACHER")
    assert people.change_on(page, bob.pk, **fields(bob, display_name="Robert")).status_code == 302
    kept = {"is_active": False, "email": "robert@example.org", "global_role": "TEACHER", "display_name": "Robert"}
    assert kept.items() <= state(bob).items()


def test_a_stale_page_does_not_remove_new_groups(people, bob, office):
    page = people.page(bob.pk)
    bob.change_groups(SYSTEM, [office])
    people.change_on(page, bob.pk, **fields(bob, display_name="Robert"))
    assert (names(bob), state(bob)["display_name"]) == ({"Office"}, "Robert")
    desk, support = Group.objects.create(name="Desk"), Group.objects.get(name="Support")
    page = people.page(bob.pk)
    bob.change_groups(SYSTEM, [desk])
    people.change_on(page, bob.pk, **fields(bob, groups=[support.pk]))
    assert names(bob) == {"Desk", "Support"}


def test_a_stale_page_that_only_renames_keeps_the_new_address(people, bob, charlie):
    page, before = people.page(bob.pk), bob.email
    bob.edit(SYSTEM, email="robert@example.org")
    charlie.edit(SYSTEM, email=before)
    form = {**fields(bob, display_name="Robert"), "email": before}
    assert people.change_on(page, bob.pk, **form).status_code == 302
    assert (state(bob)["display_name"], state(bob)["email"]) == ("Robert", "robert@example.org")
    assert errors(people.change(bob.pk, **form)).keys() == {"email"}


def test_changes_on_a_stale_page_are_written(people, bob, office):
    page = people.page(bob.pk)
    bob.edit(SYSTEM, is_staff=True)
    people.change_on(page, bob.pk, **fields(bob, is_active=None, groups=[office.pk]))
    assert (names(bob), state(bob)["is_active"], state(bob)["is_staff"]) == ({"Office"}, False, True)


def test_a_page_without_changes_writes_nothing(people, bob):
    page = people.page(bob.pk)
    bob.edit(SYSTEM, is_active=False)
    people.change_on(page, bob.pk, **fields(bob, is_active="on"))
    assert (state(bob)["is_active"], len(recorded(bob))) == (False, 2)


def test_a_page_contains_no_password(people, bob):
    shown = first_shown(people.page(bob.pk))
    powers = {"initial-is_active": ["True"], "initial-is_staff": ["False"], "initial-is_superuser": ["False"]}
    text = {"initial-email": [bob.email], "initial-display_name": ["Bob"], "initial-global_role": ["STUDENT"]}
    unknown = {"initial-external_id": [""], "initial-time_zone": [""]}
    assert shown == {**text, **powers, **unknown}


def test_groups_chosen_in_a_form_that_was_shown_again_are_given(people, bob, office):
    refused = people.change(bob.pk, **fields(bob, display_name="", groups=[office.pk]))
    assert list(errors(refused)) == ["display_name"]
    people.change_on(refused, bob.pk, **fields(bob, groups=[office.pk]))
    assert names(bob) == {"Office"}


def test_a_time_chosen_in_a_form_that_was_shown_again_is_kept(root, session):
    site, moved = Site(root, "live_sessions_livesession"), {**SCHEDULE, "start_time_0": "2036-03-21"}
    refused = site.change(session.pk, **{**moved, "duration": "0"})
    assert list(errors(refused)) == ["duration"]
    assert site.change_on(refused, session.pk, **moved).status_code == 302
    assert state(session)["start_time"].day == 21


def test_a_stale_page_does_not_move_a_session_back(root, session):
    site = Site(root, "live_sessions_livesession")
    page = site.page(session.pk)
    session.reschedule(SYSTEM, start_time=datetime(2036, 3, 21, 10, tzinfo=UTC), strict=True)
    assert site.change_on(page, session.pk, **{**SCHEDULE, "title": "Analysis"}).status_code == 302
    after = state(session)
    assert (after["title"], after["start_time"].day, after["strict"]) == ("Analysis", 21, True)


def test_a_stale_page_does_not_revert_a_description(root, algebra):
    algebra.edit(SYSTEM, description="Groups,\nrings")
    site = Site(root, "classes_class")
    page = site.page(algebra.pk)
    algebra.edit(SYSTEM, description="Fields")
    site.change_on(page, algebra.pk, title="Algebra II", description="Groups,\r\nrings")
    assert (state(algebra)["title"], state(algebra)["description"]) == ("Algebra II", "Fields")


def test_a_stale_page_does_not_remove_new_rights_of_a_group(root, office):
    site, right = Site(root, "auth_group"), Permission.objects.get(codename="view_class")
    page = site.page(office.pk)
    office.permissions.add(right)
    site.change_on(page, office.pk, name="Desk")
    assert list(Group.objects.get(name="Desk").permissions.all()) == [right]
    other = Permission.objects.get(codename="view_membership")
    site.change_on(page, office.pk, name="Office", permissions=[other.pk])
    assert Group.objects.get(pk=office.pk).name == "Desk"
    assert set(office.permissions.all()) == {right, other}
    site.change(office.pk, name="Desk", permissions=[right.pk])
    assert set(office.permissions.all()) == {right}


@pytest.mark.parametrize("junk", ["9" * 30, "x", "\0"])
def test_malformed_initial_values_cause_no_server_error(people, bob, junk):
    shown = dict.fromkeys(("initial-groups", "initial-is_active", "initial-email", "initial-global_role"), junk)
    page = people.change(bob.pk, **fields(bob), **shown)  # refused: it says that another person was shown
    assert (page.status_code, recorded(bob)) == (200, [("created", None)])
