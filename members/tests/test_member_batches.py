"""Batch versions of enrol, remove and change_role: the same errors, all or nothing, in a few statements."""

import pytest

from classes.models import Class
from members.batch_errors import Newcomer
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import recorded

TEACHER, STUDENT = "TEACHER", "STUDENT"


@pytest.fixture
def by(alice):
    return Actor(alice)


def records_of(klass):
    return {
        member.user.display_name: (member.role, member.status)
        for member in klass.memberships.select_related("user")
        if member.user_id != klass.created_by_id
    }


def offenders(refusal):
    return [detail.field for detail in refusal.value.details]


# Enrolling


def test_people_are_enrolled_and_recorded(algebra, by, bob, charlie, dora):
    people = [Newcomer(bob, STUDENT), Newcomer(dora, TEACHER), Newcomer(charlie, STUDENT)]
    members = Membership.objects.enrol_many(algebra, people, by)
    assert [member.user_id for member in members] == [bob.pk, dora.pk, charlie.pk]
    assert records_of(algebra) == {
        "Bob": (STUDENT, "APPROVED"),
        "Dora": (TEACHER, "APPROVED"),
        "Charlie": (STUDENT, "APPROVED"),
    }
    assert [recorded(member) for member in members] == [[("enrolled", "Alice")]] * 3


def test_one_student_enrolled_as_teacher_refuses_the_whole_batch(algebra, by, bob, charlie):
    with pytest.raises(Membership.StudentCannotTeach) as refusal:
        Membership.objects.enrol_many(algebra, [Newcomer(bob, STUDENT), Newcomer(charlie, TEACHER)], by)
    assert (offenders(refusal), records_of(algebra)) == (["people[1]"], {})


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_second_record_is_refused_and_nobody_is_enrolled(algebra, by, bob, charlie, join, status):
    join(algebra, charlie, status)
    with pytest.raises(Membership.AlreadyOnRecord) as refusal:
        Membership.objects.enrol_many(algebra, [Newcomer(bob, STUDENT), Newcomer(charlie, STUDENT)], by)
    assert (offenders(refusal), records_of(algebra)) == (["people[1]"], {"Charlie": (STUDENT, status)})


def test_enrolment_costs_the_same_for_1_and_for_50(algebra, by, make_user, django_assert_num_queries):
    people = [User(email=f"person{number}@example.org", display_name="Person") for number in range(51)]
    newcomers = [Newcomer(user, STUDENT) for user in User.objects.create_many(people)]
    for batch in (newcomers[:1], newcomers[1:]):
        with django_assert_num_queries(6):  # savepoint or begin, lock, known, members, records, commit
            Membership.objects.enrol_many(algebra, batch, by)
    assert algebra.memberships.count() == 52


# Removing


def test_people_are_removed_and_recorded(algebra, by, bob, charlie, join):
    members = [join(algebra, bob), join(algebra, charlie)]
    Membership.objects.remove_many(algebra, [bob.pk, charlie.pk], by)
    assert records_of(algebra) == {"Bob": (STUDENT, "REMOVED"), "Charlie": (STUDENT, "REMOVED")}
    assert [recorded(member)[-1] for member in members] == [("removed", "Alice")] * 2


def test_one_person_who_is_not_approved_refuses_the_whole_removal(algebra, by, bob, charlie, join):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    with pytest.raises(Membership.NotInState) as refusal:
        Membership.objects.remove_many(algebra, [bob.pk, charlie.pk], by)
    assert (offenders(refusal), records_of(algebra)["Bob"]) == (["user_ids[1]"], (STUDENT, "APPROVED"))


def test_the_last_teachers_can_not_be_removed(algebra, by, alice, bob, dora, join):
    join(algebra, bob)
    Membership.objects.enrol(algebra, dora, TEACHER, by)
    with pytest.raises(Membership.LastTeacher):
        Membership.objects.remove_many(algebra, [bob.pk, alice.pk, dora.pk], by)
    assert records_of(algebra) == {"Bob": (STUDENT, "APPROVED"), "Dora": (TEACHER, "APPROVED")}
    Membership.objects.remove_many(algebra, [bob.pk, alice.pk], by)
    assert [member.user for member in algebra.memberships.teachers()] == [dora]


# Roles


def test_roles_are_changed_and_recorded_where_they_differ(algebra, by, dora, admin):
    members = [Membership.objects.enrol(algebra, user, role, by) for user, role in [(dora, STUDENT), (admin, TEACHER)]]
    Membership.objects.change_roles(algebra, [dora.pk, admin.pk], TEACHER, by)
    assert records_of(algebra) == {"Dora": (TEACHER, "APPROVED"), "Admin": (TEACHER, "APPROVED")}
    assert [recorded(member)[1:] for member in members] == [[("role_changed", "Alice")], []]


def test_one_student_made_teacher_refuses_the_whole_batch(algebra, by, bob, dora, join):
    join(algebra, bob)
    Membership.objects.enrol(algebra, dora, STUDENT, by)
    with pytest.raises(Membership.StudentCannotTeach):
        Membership.objects.change_roles(algebra, [dora.pk, bob.pk], TEACHER, by)
    assert records_of(algebra) == {"Bob": (STUDENT, "APPROVED"), "Dora": (STUDENT, "APPROVED")}


def test_the_last_teachers_can_not_be_made_students(algebra, by, alice, dora):
    Membership.objects.enrol(algebra, dora, TEACHER, by)
    with pytest.raises(Membership.LastTeacher):
        Membership.objects.change_roles(algebra, [alice.pk, dora.pk], STUDENT, by)
    assert algebra.memberships.teachers().count() == 2


def test_a_person_who_is_not_approved_gets_no_role(algebra, by, dora, join):
    Membership.objects.enrol(algebra, dora, STUDENT, by)
    Membership.objects.remove(algebra, dora.pk, by)
    with pytest.raises(Membership.NotInState):
        Membership.objects.change_roles(algebra, [dora.pk], TEACHER, by)


# An archived class is read-only


@pytest.mark.parametrize(
    "verb",
    [
        lambda klass, user, by: Membership.objects.enrol_many(klass, [Newcomer(user, STUDENT)], by),
        lambda klass, user, by: Membership.objects.remove_many(klass, [user.pk], by),
        lambda klass, user, by: Membership.objects.change_roles(klass, [user.pk], TEACHER, by),
    ],
)
def test_nothing_happens_in_an_archived_class(algebra, by, dora, verb):
    algebra.archive(by)
    with pytest.raises(Class.Archived):
        verb(algebra, dora, by)
    assert records_of(algebra) == {}
