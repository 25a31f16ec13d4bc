"""What the constraints of the database refuse to code that bypasses the verbs."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from members.models import Membership


def bypass(klass, user, **values):
    """Insert a row without a verb."""
    fields = {"role": "STUDENT", "status": "PENDING", "joined_at": None, **values}
    with transaction.atomic():
        Membership.objects.bulk_create([Membership(klass=klass, user=user, **fields)])


def refused(name):
    """SQLite names a unique constraint by its columns."""
    columns = {"one_membership_per_user_and_class": r"members_membership\.class_id, members_membership\.user_id"}
    return pytest.raises(IntegrityError, match=f"{name}|{columns.get(name, name)}")


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_one_membership_per_user_and_class(algebra, bob, join, status):
    join(algebra, bob, status)
    with refused("one_membership_per_user_and_class"):
        bypass(algebra, bob)
    assert algebra.memberships.filter(user=bob).count() == 1


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"role": "ADMIN"}, "member_role_is_known"),
        ({"role": "student"}, "member_role_is_known"),
        ({"role": ""}, "member_role_is_known"),
        ({"status": "ACTIVE"}, "member_status_is_known"),
        ({"status": "pending"}, "member_status_is_known"),
        ({"status": ""}, "member_status_is_known"),
        ({"status": "APPROVED"}, "approved_member_has_joined"),
        ({"status": "REMOVED"}, "approved_member_has_joined"),
    ],
)
def test_a_row_that_no_verb_writes_is_refused(algebra, bob, values, name):
    joined_at = timezone.now() if name == "member_status_is_known" else None
    with refused(name):
        bypass(algebra, bob, joined_at=joined_at, **values)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"role": "OWNER"}, "member_role_is_known"),
        ({"status": "GONE"}, "member_status_is_known"),
        ({"status": "APPROVED"}, "approved_member_has_joined"),
    ],
)
def test_an_update_that_no_verb_writes_is_refused(algebra, bob, join, values, name):
    join(algebra, bob, "APPROVED" if name == "member_status_is_known" else "PENDING")
    with refused(name), transaction.atomic():
        Membership.objects.filter(user=bob).update(**values)


@pytest.mark.parametrize("status", ["PENDING", "REJECTED"])
def test_a_pending_or_rejected_membership_may_have_no_joining_time(algebra, bob, status):
    bypass(algebra, bob, status=status)
    assert algebra.memberships.get(user=bob).joined_at is None


@pytest.mark.parametrize("column", ["user", "klass"])
def test_a_membership_needs_a_user_and_a_class(algebra, bob, join, column):
    join(algebra, bob)
    with pytest.raises(IntegrityError), transaction.atomic():
        algebra.memberships.filter(user=bob).update(**{column: None})


def test_neither_a_person_nor_a_class_with_memberships_can_be_deleted(algebra, bob, join):
    join(algebra, bob)
    for row in (bob, algebra):
        with pytest.raises(ProtectedError):
            type(row).objects.filter(pk=row.pk).delete()


def test_a_membership_of_an_unknown_class_is_refused(algebra, bob, join):
    join(algebra, bob)
    type(algebra).objects.filter(pk=algebra.pk)._raw_delete("default")
    with pytest.raises(IntegrityError):
        connection.check_constraints()
    transaction.set_rollback(True)
