"""People added or edited in a batch: the same errors as for one, all or nothing, in a few statements."""

import pytest
from django.core.exceptions import ValidationError

from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import recorded


def people(*names, **fields):
    return [User(email=f"{name.lower()}@example.org", display_name=name, **fields) for name in names]


def test_people_are_added_without_a_password_and_recorded(alice):
    added = User.objects.create_many(people("Eve", "Frank", global_role="TEACHER"), Actor(alice))
    assert [(user.email, user.global_role, user.has_usable_password()) for user in User.objects.order_by("pk")[1:]] == [
        ("eve@example.org", "TEACHER", False),
        ("frank@example.org", "TEACHER", False),
    ]
    assert [recorded(user) for user in added] == [[("created", "Alice")]] * 2


def test_addresses_are_stored_in_lower_case(alice):
    [eve] = User.objects.create_many([User(email=" Eve@Example.ORG ", display_name="Eve")], Actor(alice))
    assert eve.email == "eve@example.org"


def test_a_taken_address_is_named_and_nobody_is_added(alice, bob):
    with pytest.raises(User.EmailTaken) as refusal:
        User.objects.create_many(people("Eve", "Bob"), Actor(alice))
    assert [detail.field for detail in refusal.value.details] == ["people[1]"]
    assert User.objects.count() == 2


def test_one_address_twice_is_refused_and_nobody_is_added(alice):
    with pytest.raises(User.EmailTaken):
        User.objects.create_many(people("Eve", "Eve"), Actor(alice))
    assert User.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"display_name": ""}, {"email": "eve"}, {"global_role": "KING"}])
def test_a_wrong_field_is_refused_and_nobody_is_added(alice, wrong):
    eve = User(**{"email": "eve@example.org", "display_name": "Eve", **wrong})
    with pytest.raises(ValidationError):
        User.objects.create_many([*people("Frank"), eve], Actor(alice))
    assert User.objects.count() == 1


@pytest.mark.parametrize("count", [1, 40])  # SQLite takes 999 values in a statement
def test_adding_costs_the_same_for_1_and_for_40(alice, django_assert_num_queries, count):
    with django_assert_num_queries(8):
        User.objects.create_many(people(*(f"Person{number}" for number in range(count))), Actor(alice))
    assert User.objects.count() == count + 1


def test_people_with_changed_values_are_edited_and_recorded(alice, bob, charlie):
    changes = {bob.pk: {"display_name": "Robert", "global_role": "TEACHER"}, charlie.pk: {"display_name": "Charlie"}}
    assert User.objects.edit_many(changes, Actor(alice)) == [bob]
    bob.refresh_from_db()
    assert (bob.display_name, bob.global_role) == ("Robert", "TEACHER")
    assert [recorded(user)[1:] for user in (bob, charlie)] == [[("updated", "Alice")], []]


def test_a_wrong_value_is_refused_and_nobody_is_edited(alice, bob, charlie):
    changes = {bob.pk: {"display_name": "Robert"}, charlie.pk: {"global_role": "KING"}}
    with pytest.raises(ValidationError):
        User.objects.edit_many(changes, Actor(alice))
    bob.refresh_from_db()
    assert (bob.display_name, recorded(bob)) == ("Bob", [("created", None)])


def test_a_taken_address_is_not_assigned(alice, bob):
    with pytest.raises(User.EmailTaken):
        User.objects.edit_many({bob.pk: {"email": "alice@example.org"}}, Actor(alice))
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.django_db(transaction=True)
def test_only_one_of_two_concurrent_imports_of_the_same_people_is_written(attempt, run_together):
    duplicates = [
        lambda: User.objects.create_many(people("Eve", "Frank")),
        lambda: User.objects.create_many(people("Grace", "Frank")),
    ]
    answers = run_together(duplicates)
    refused = [answer for answer in answers if isinstance(answer, User.EmailTaken)]
    names = sorted(User.objects.values_list("display_name", flat=True))
    assert (len(refused), names) == (1, [["Frank", "Grace"], ["Eve", "Frank"]][answers.index(refused[0])])
