"""The external id and the time zone of people: changed by verbs, told by events, shown in the admin site."""

import pytest
from django.core.exceptions import ValidationError

from tutorarc.domain.errors import ExternalIdTaken
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.testing.events import events_of
from tutorarc.tests.staff.admin_site import errors
from tutorarc.tests.staff.admin_site import taken as taken_by
from tutorarc.tests.staff.test_users import fields, new_person

KIND = "tutorarc_user"


@pytest.fixture
def eve(db):
    return User.objects.create_user("eve@example.org", display_name="Eve", external_id=" sis-1 ")


def test_a_person_has_the_external_id_they_were_created_with_and_no_time_zone(eve):
    eve.refresh_from_db()
    assert (eve.external_id, eve.time_zone) == ("sis-1", "")
    [event] = events_of(eve)
    assert (event.changes["external_id"], event.data["external_id"], event.data["time_zone"]) == (
        [None, "sis-1"],
        "sis-1",
        "",
    )


def test_both_are_changed_by_the_verb_with_an_event(eve):
    eve.edit(SYSTEM, external_id="", time_zone="Europe/Berlin")
    eve.refresh_from_db()
    assert (eve.external_id, eve.time_zone) == (None, "Europe/Berlin")
    event = events_of(eve)[-1]
    assert (event.type, event.changes) == (
        "user.updated",
        {"external_id": ["sis-1", None], "time_zone": ["", "Europe/Berlin"]},
    )


@pytest.mark.parametrize("changes", [{"time_zone": "Berlin"}, {"time_zone": "localtime"}, {"external_id": "x" * 129}])
def test_a_wrong_value_is_refused(eve, changes):
    with pytest.raises(ValidationError) as refusal:
        eve.edit(SYSTEM, **changes)
    assert list(refusal.value.message_dict) == list(changes)


TAKEN = [("external_id", "external_id_taken")]


def taken(refusal):
    assert [(detail.field, detail.code) for detail in refusal.value.details] == TAKEN
    return refusal.value.details[0].id


def test_an_external_id_is_unique_on_the_whole_site(eve, bob, charlie):
    with pytest.raises(ExternalIdTaken) as refusal:
        User.objects.create_user("new@example.org", display_name="New", external_id="sis-1")
    assert taken(refusal) == eve.pk
    with pytest.raises(ExternalIdTaken) as refusal:
        bob.edit(SYSTEM, external_id="sis-1")
    assert taken(refusal) == eve.pk
    charlie.edit(SYSTEM, external_id="SIS-1")  # the case counts


def test_a_taken_one_is_named_in_a_batch(eve, bob, charlie):
    with pytest.raises(ExternalIdTaken) as refusal:
        User.objects.edit_many({bob.pk: {"external_id": "free"}, charlie.pk: {"external_id": "sis-1"}}, SYSTEM)
    assert [(detail.field, detail.id) for detail in refusal.value.details] == [("people[1]", eve.pk)]
    new = [User(email=f"{name}@example.org", display_name=name, external_id="sis-2") for name in ("ann", "ben")]
    with pytest.raises(ExternalIdTaken):
        User.objects.create_many(new, SYSTEM)
    assert User.objects.count() == 3


def test_staff_set_and_correct_them_in_the_admin_site(site, bob, root):
    assert site.add(**new_person(external_id="sis-9")).status_code == 302
    new = User.objects.get(email="eve@example.org")
    assert new.external_id == "sis-9"
    response = site.change(bob.pk, **fields(bob, external_id="sis-9"))
    assert errors(response) == {"external_id": [taken_by(new, "There is already a person with this external id")]}
    assert site.change(bob.pk, **fields(bob, external_id="sis-8", time_zone="Asia/Tokyo")).status_code == 302
    bob.refresh_from_db()
    assert (bob.external_id, bob.time_zone) == ("sis-8", "Asia/Tokyo")
    assert events_of(bob)[-1].actor_user_id == Actor(root).person.pk


def test_a_concurrent_edit_of_a_form_without_them_keeps_them(site, bob):
    form = fields(bob, display_name="Robert", **{"initial-external_id": "", "initial-time_zone": ""})
    bob.edit(SYSTEM, external_id="sis-3")
    site.change(bob.pk, **form)
    bob.refresh_from_db()
    assert (bob.display_name, bob.external_id) == ("Robert", "sis-3")
