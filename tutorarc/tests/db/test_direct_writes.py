"""Rows with an audit history refuse `save()` and `delete()`: only verbs change them."""

import pytest
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.test import Client

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.direct_writes import DirectWriteError
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.testing.events import events_of

PASSWORD = "plum-harbour-91"
NEW_VALUES = {
    User: {"display_name": "Changed"},
    Class: {"title": "Changed"},
    Membership: {"role": "STUDENT"},
    LiveSession: {"title": "Changed"},
    ApiKey: {"name": "Changed"},
}


@pytest.fixture(params=NEW_VALUES, ids=lambda model: model.__name__)
def row(request, alice, algebra, schedule):
    """An existing row of each model."""
    return {
        User: lambda: User.objects.get(pk=alice.pk),
        Class: lambda: algebra,
        Membership: lambda: Membership.objects.get(user=alice),
        LiveSession: schedule,
        ApiKey: lambda: ApiKey.objects.issue(alice, SYSTEM)[0],
    }[request.param]()


def stored(row):
    return type(row).objects.filter(pk=row.pk).values().get(), len(events_of(row))


def change_in_memory(row):
    for name, value in NEW_VALUES[type(row)].items():
        setattr(row, name, value)
    return row


@pytest.mark.parametrize("options", [{}, {"force_update": True}, {"force_insert": True}])
def test_an_existing_row_can_not_be_saved(row, options):
    before = stored(row)
    with pytest.raises(DirectWriteError):
        change_in_memory(row).save(**options)
    assert stored(row) == before


def test_single_fields_of_an_existing_row_can_not_be_saved(row):
    before = stored(row)
    with pytest.raises(DirectWriteError):
        change_in_memory(row).save(update_fields=list(NEW_VALUES[type(row)]))
    assert stored(row) == before


def test_update_or_create_can_not_change_a_row(row):
    before = stored(row)
    with pytest.raises(DirectWriteError):
        type(row).objects.update_or_create(pk=row.pk, defaults=NEW_VALUES[type(row)])
    assert stored(row) == before


def test_a_new_instance_with_the_key_of_a_row_can_not_overwrite_it(alice, algebra):
    member = Membership.objects.get(user=alice)
    before = stored(member)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership(pk=member.pk, klass=algebra, user=alice, role="STUDENT", status="PENDING").save()
    with pytest.raises(DirectWriteError):
        Membership(pk=member.pk, role="STUDENT").save(update_fields=["role"])
    assert stored(member) == before


def test_a_row_can_not_be_deleted(row):
    before = stored(row)
    with pytest.raises(DirectWriteError):
        row.delete()
    assert stored(row) == before


def test_a_sign_in_updates_last_login_without_an_event(alice):
    alice.change_password(SYSTEM, PASSWORD)
    events = len(events_of(alice))
    assert Client().login(username=alice.email, password=PASSWORD)
    alice.refresh_from_db()
    assert (alice.last_login is not None, len(events_of(alice))) == (True, events)


def test_a_sign_in_rehashes_a_password_of_an_older_kind(alice):
    old = make_password(PASSWORD, hasher="pbkdf2_sha256")
    User.objects.filter(pk=alice.pk).update(password=old)
    events = len(events_of(alice))
    assert Client().login(username=alice.email, password=PASSWORD)
    alice.refresh_from_db()
    assert (alice.password == old, alice.check_password(PASSWORD), len(events_of(alice))) == (False, True, events)


def test_django_saves_no_other_field_beside_its_own(alice):
    before = stored(alice)
    with pytest.raises(DirectWriteError):
        change_in_memory(alice).save(update_fields=["last_login", "display_name"])
    assert stored(alice) == before
