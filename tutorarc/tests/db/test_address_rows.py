"""Each user has one verified e-mail address of django-allauth's, equal to their own."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from tutorarc.domain.events import SYSTEM
from tutorarc.models import User

pytestmark = pytest.mark.django_db


def rows():
    return sorted(EmailAddress.objects.values_list("user__display_name", "email", "verified", "primary"))


def test_a_new_user_has_one(make_user):
    make_user("Ann")
    assert rows() == [("Ann", "ann@example.org", True, True)]


def test_many_new_users_have_one_each():
    User.objects.create_many([User(email=f"{name}@example.org", display_name=name) for name in ("ann", "bob")])
    assert rows() == [("ann", "ann@example.org", True, True), ("bob", "bob@example.org", True, True)]


def test_a_new_address_replaces_the_old_one(make_user):
    make_user("Ann").edit(SYSTEM, email="Ann@Example.com")
    assert rows() == [("Ann", "ann@example.com", True, True)]


def test_new_addresses_of_many_replace_their_old_ones(make_user):
    ann, bob = make_user("Ann"), make_user("Bob")
    User.objects.edit_many({ann.pk: {"email": "a@example.org"}, bob.pk: {"display_name": "Bert"}}, SYSTEM)
    assert rows() == [("Ann", "a@example.org", True, True), ("Bert", "bob@example.org", True, True)]


def test_a_row_that_an_earlier_version_left_behind_gives_way(make_user):
    ann, bob = make_user("Ann"), make_user("Bob")
    User.objects.filter(pk=ann.pk).update(email="a@example.org")
    bob.edit(SYSTEM, email="ann@example.org")
    assert rows() == [("Bob", "ann@example.org", True, True)]


def test_an_edit_of_the_name_leaves_the_row_alone(make_user):
    ann = make_user("Ann")
    before = EmailAddress.objects.get().pk
    ann.edit(SYSTEM, display_name="Anna")
    assert EmailAddress.objects.get().pk == before


def test_a_taken_address_changes_no_row(make_user):
    ann, _ = make_user("Ann"), make_user("Bob")
    with pytest.raises(User.EmailTaken):
        ann.edit(SYSTEM, email="bob@example.org")
    assert rows() == [("Ann", "ann@example.org", True, True), ("Bob", "bob@example.org", True, True)]


def test_the_migration_adds_missing_rows_and_may_run_again(make_user):
    make_user("Ann"), make_user("Bob")
    EmailAddress.objects.filter(email="ann@example.org").delete()
    for _ in range(2):
        import_module("tutorarc.migrations.0019_email_addresses").add_addresses(apps, None)
        assert rows() == [("Ann", "ann@example.org", True, True), ("Bob", "bob@example.org", True, True)]
