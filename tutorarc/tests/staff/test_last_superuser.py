"""The last active superuser can't be demoted in any way, as nobody else could restore access to the admin site."""

import pytest

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import Site, errors, recorded, state
from tutorarc.tests.staff.test_users import fields

POWERS = pytest.mark.parametrize("power", ["is_active", "is_staff", "is_superuser"])
TWO_TRIES = pytest.mark.parametrize("attempt", range(3))


@pytest.fixture
def second(make_user):
    return make_user("Second", is_staff=True, is_superuser=True)


def superusers():
    return set(User.objects.filter(is_active=True, is_staff=True, is_superuser=True))


@POWERS
def test_the_last_superuser_can_not_lose_superuser_staff_or_active(root, power):
    before = state(root)
    with pytest.raises(User.LastSuperuser) as refusal:
        root.edit(SYSTEM, display_name="Roo", **{power: False})
    assert [detail.field for detail in refusal.value.details] == [power]
    assert (state(root), recorded(root)) == (before, [("created", None)])


@POWERS
def test_the_form_says_so_beside_the_field(root, power):
    before = state(root)
    answer = Site(root, "tutorarc_user").change(root.pk, **fields(root, **{power: None}))
    assert (answer.status_code, errors(answer)) == (200, {power: [User.LastSuperuser.message]})
    before.pop("last_login")
    assert before.items() <= state(root).items()


@POWERS
def test_either_of_two_superusers_may_be_demoted(root, second, power):
    root.edit(Actor(second), **{power: False})
    assert superusers() == {second}


@pytest.mark.parametrize("lacks", ["is_active", "is_staff", "is_superuser"])
def test_a_superuser_who_is_inactive_or_not_staff_does_not_count(root, second, lacks):
    second.edit(SYSTEM, **{lacks: False})
    with pytest.raises(User.LastSuperuser):
        root.edit(SYSTEM, is_superuser=False)


def test_other_fields_of_the_last_superuser_may_change(root):
    root.edit(SYSTEM, display_name="Roo", is_active=True, is_staff=True, is_superuser=True)
    assert recorded(root)[-1] == ("updated", None)


def test_without_a_superuser_every_change_is_allowed(alice):
    alice.edit(SYSTEM, is_staff=True)
    alice.edit(SYSTEM, is_staff=False, is_active=False)
    assert state(alice)["is_active"] is False


def test_a_batch_can_not_demote_all_superusers(root, second):
    before = [state(root), state(second)]
    with pytest.raises(User.LastSuperuser):
        User.objects.edit_many({user.pk: {"is_active": False} for user in (root, second)}, SYSTEM)
    assert [state(root), state(second)] == before


def test_a_batch_of_other_people_is_not_checked_for_superusers(root, second, bob):
    assert User.objects.edit_many({bob.pk: {"is_active": False}, root.pk: {"is_staff": False}}, SYSTEM) == [bob, root]
    assert recorded(second) == [("created", None)]


@TWO_TRIES
@pytest.mark.django_db(transaction=True)
def test_two_superusers_who_demote_each_other_concurrently_leave_one(attempt, root, second, run_together):
    calls = [lambda: second.edit(Actor(root), is_superuser=False), lambda: root.edit(Actor(second), is_superuser=False)]
    answers = run_together(calls)
    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [User.LastSuperuser]
    assert len(superusers()) == 1


@TWO_TRIES
@pytest.mark.django_db(transaction=True)
def test_five_superusers_who_are_demoted_concurrently_leave_one(attempt, make_user, run_together):
    people = [make_user(f"Person{number}", is_staff=True, is_superuser=True) for number in range(5)]
    answers = run_together([lambda person=person: person.edit(Actor(person), is_active=False) for person in people])
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [User.LastSuperuser]
    assert len(superusers()) == 1


@pytest.mark.parametrize(
    ("changes", "locked"),
    [({"display_name": "Roo"}, 1), ({"is_active": True}, 1), ({"is_active": False}, 2)],
)
def test_superusers_are_locked_only_if_one_may_be_demoted(root, second, bob, changes, locked):
    assert len(User.objects.lock({root.pk: changes})) == locked
    assert len(User.objects.lock({bob.pk: changes})) == 1
