"""Roster import: the plan for each row, and what is written."""

import pytest

from classes.models import Class
from members.models import Membership
from members.roster_import import MEMBERS
from tutorarc.domain.events import Actor
from tutorarc.imports.kinds import KINDS, read_upload
from tutorarc.imports.people import ONLY_ADD
from tutorarc.imports.plans import ADD, CHANGE, KEEP, Terms
from tutorarc.testing.events import types_of
from tutorarc.tests.staff.admin_site import recorded

pytestmark = pytest.mark.django_db


def plan(*rows, header="class,email,role,status", **terms):
    text = "\n".join([header, *rows])
    return MEMBERS.plan(read_upload(KINDS["rosters"], text.encode(), "roster.csv").parts.members, Terms(**terms))


def steps(made):
    return [(step.outcome, step.summary) for step in made.steps]


def reasons(made):
    return [(problem.line, problem.reason) for problem in made.problems]


def write(made, user):
    assert made.problems == []
    return MEMBERS.write(made.steps, Actor(user))


def records_of(klass, user):
    member = klass.memberships.get(user=user)
    return member.role, member.status


def happened(klass, user):
    return types_of(klass.memberships.get(user=user))


def test_people_are_enrolled_by_code_or_id_and_by_default_as_students(algebra, root, bob, charlie, dora):
    made = plan(
        f"{algebra.class_code.lower().replace('-', ' – ')},Bob@example.org,,",
        f"{algebra.pk},charlie@example.org,student,approved",
        f"{algebra.class_code},dora@example.org,TEACHER,",
    )
    assert steps(made) == [(ADD, "STUDENT"), (ADD, "STUDENT"), (ADD, "TEACHER")]
    assert [record.pk for record in write(made, root)] == [algebra.pk]
    assert [records_of(algebra, user) for user in (bob, charlie, dora)] == [
        ("STUDENT", "APPROVED"),
        ("STUDENT", "APPROVED"),
        ("TEACHER", "APPROVED"),
    ]
    assert recorded(algebra.memberships.get(user=bob)) == [("enrolled", "Root")]


@pytest.mark.parametrize(
    ("status", "asked", "step", "after", "said"),
    [
        ("PENDING", "", (CHANGE, "PENDING → APPROVED"), "APPROVED", ["approved"]),
        ("APPROVED", "", (KEEP, ""), "APPROVED", []),
        ("REJECTED", "", (KEEP, "stays REJECTED: the status APPROVED would let them in again"), "REJECTED", []),
        ("REMOVED", "", (KEEP, "stays REMOVED: the status APPROVED would let them in again"), "REMOVED", []),
        ("PENDING", "PENDING", (KEEP, ""), "PENDING", []),
        ("PENDING", "REJECTED", (CHANGE, "PENDING → REJECTED"), "REJECTED", ["rejected"]),
        ("APPROVED", "REMOVED", (CHANGE, "APPROVED → REMOVED"), "REMOVED", ["removed"]),
        ("REJECTED", "PENDING", (CHANGE, "REJECTED → PENDING"), "PENDING", ["reopened"]),
        ("REMOVED", "PENDING", (CHANGE, "REMOVED → PENDING"), "PENDING", ["reopened"]),
        ("REJECTED", "APPROVED", (CHANGE, "REJECTED → APPROVED"), "APPROVED", ["reopened", "approved"]),
        ("REMOVED", "APPROVED", (CHANGE, "REMOVED → APPROVED"), "APPROVED", ["reopened", "approved"]),
    ],
)
def test_a_status_is_reached_by_the_steps_of_the_state_machine(
    algebra, root, bob, join, status, asked, step, after, said
):
    join(algebra, bob, status)
    before = happened(algebra, bob)
    made = plan(f"{algebra.class_code},bob@example.org,,{asked}")
    assert steps(made) == [step]
    write(made, root)
    assert (records_of(algebra, bob), happened(algebra, bob)) == (("STUDENT", after), before + said)


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        ("PENDING", "REMOVED"),
        ("APPROVED", "PENDING"),
        ("APPROVED", "REJECTED"),
        ("REJECTED", "REMOVED"),
        ("REMOVED", "REJECTED"),
    ],
)
def test_no_other_step_is_planned(algebra, bob, join, status, asked):
    join(algebra, bob, status)
    made = plan(f"{algebra.class_code},bob@example.org,,{asked}")
    assert reasons(made) == [(2, f"Status {status} can't become {asked}.")]


@pytest.mark.parametrize("asked", ["PENDING", "REJECTED", "REMOVED"])
def test_a_person_without_membership_can_only_be_approved(algebra, bob, asked):
    made = plan(f"{algebra.class_code},bob@example.org,,{asked}")
    assert reasons(made) == [(2, f"A person without a record here can't become {asked}.")]


def test_a_role_that_differs_is_changed_after_an_approval_too(algebra, root, alice, dora, admin):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    Membership.objects.enrol(algebra, admin, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, admin.pk, Actor(alice))
    made = plan(
        f"{algebra.class_code},dora@example.org,TEACHER,", f"{algebra.class_code},admin@example.org,STUDENT,APPROVED"
    )
    assert steps(made) == [(CHANGE, "STUDENT → TEACHER"), (CHANGE, "REMOVED → APPROVED; TEACHER → STUDENT")]
    write(made, root)
    assert (records_of(algebra, dora), records_of(algebra, admin)) == (
        ("TEACHER", "APPROVED"),
        ("STUDENT", "APPROVED"),
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("XXXX-0000,bob@example.org,,", "No class has this code, id or title."),
        ("cls_junk,bob@example.org,,", "No class has this code, id or title."),
        (",bob@example.org,,", "No class has this code, id or title."),
        (
            "{code},nobody@example.org,,",
            "No person has this address. Import people first, or add a column with the names.",
        ),
        ("{code},bob@example.org,HEAD,", "“HEAD” is none of STUDENT, TEACHER."),
        ("{code},bob@example.org,,GONE", "“GONE” is none of PENDING, APPROVED, REJECTED, REMOVED."),
        ("{code},bob@example.org,TEACHER,", Membership.StudentCannotTeach.message),
        ("{code},alice@example.org,,REMOVED", Membership.LastTeacher.message),
        ("{code},alice@example.org,STUDENT,", Membership.LastTeacher.message),
        ("{code},charlie@example.org,STUDENT", "This line has 3 cells, and the header 4."),
        ("{code},Charlie@example.org,TEACHER,", "The same person and class as in line 2."),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_reason(algebra, bob, charlie, row, reason):
    code = algebra.class_code
    made = plan(f"{code},charlie@example.org,,", row.format(code=code))
    assert reasons(made) == [(3, reason)]


def test_the_role_of_a_person_who_is_not_approved_does_not_change(algebra, dora, bob, join, alice):
    Membership.objects.enrol(algebra, dora, "STUDENT", Actor(alice))
    made = plan(f"{algebra.class_code},dora@example.org,TEACHER,REMOVED")
    assert reasons(made) == [(2, "Only the role of an APPROVED member can change.")]


def test_a_teacher_may_be_removed_if_another_is_added_in_the_same_file(algebra, root, alice, dora):
    made = plan(f"{algebra.class_code},alice@example.org,,REMOVED", f"{algebra.class_code},dora@example.org,TEACHER,")
    write(made, root)
    assert [member.user for member in algebra.memberships.teachers()] == [dora]


def test_the_last_teachers_can_not_be_removed(algebra, alice, dora):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    rows = [f"{algebra.class_code},{name}@example.org,,REMOVED" for name in ("alice", "dora")]
    assert reasons(plan(*rows)) == [(2, Membership.LastTeacher.message), (3, Membership.LastTeacher.message)]
    assert reasons(plan(rows[0])) == []


def test_only_rows_of_archived_classes_are_refused(algebra, alice, bob, charlie, join):
    join(algebra, charlie)
    algebra.archive(Actor(alice))
    made = plan(f"{algebra.class_code},bob@example.org,,", f"{algebra.class_code},charlie@example.org,,")
    assert (reasons(made), steps(made)) == ([(2, Class.Archived.message)], [(KEEP, "")])


def test_an_export_that_is_imported_again_changes_nothing(algebra, alice, bob, join):
    join(algebra, bob, "REMOVED")
    made = plan(
        f"{algebra.class_code},Algebra,bob@example.org,Bob,STUDENT,REMOVED,2026-03-14T09:30:00Z",
        f"{algebra.class_code},Algebra,alice@example.org,Alice,TEACHER,APPROVED,2026-03-14T09:30:00Z",
        header="class_code,class_title,email,display_name,role,status,joined_at",
    )
    assert made.summary == "0 added, 0 changed, 2 left alone"


def test_a_class_may_be_named_by_a_title_that_only_one_class_has(algebra, alice, bob, root):
    others = [Class.objects.create_with_teacher(Actor(alice), title="Chemistry") for _ in range(2)]
    made = plan(" ALGEBRA ,bob@example.org,,", "Chemistry,bob@example.org,,")
    several = "2 classes have this title or external id. Name the class by its code."
    assert (steps(made), reasons(made)) == ([(ADD, "STUDENT")], [(3, several)])
    others[0].archive(Actor(alice))
    write(plan("Chemistry,bob@example.org,,"), root)
    assert records_of(others[1], bob) == ("STUDENT", "APPROVED")


def test_only_new_members_are_added_if_that_was_chosen(algebra, alice, bob, charlie, dora, join):
    join(algebra, bob, "PENDING")
    join(algebra, charlie)
    rows = (f"{algebra.class_code},{name}@example.org,," for name in ("bob", "charlie", "dora"))
    made = plan(*rows, may_update=False)
    assert steps(made) == [(KEEP, ONLY_ADD), (KEEP, ""), (ADD, "STUDENT")]


def test_a_person_may_be_named_by_their_external_id(algebra, alice, bob):
    bob.edit(Actor(alice), external_id="B-1")
    made = plan(f"{algebra.class_code},B-1", f"{algebra.class_code},B-2", header="class,student id")
    assert (steps(made), reasons(made)) == ([(ADD, "STUDENT")], [(3, "No person has this external id.")])


def test_a_roster_costs_the_same_for_1_and_50_rows(algebra, root, make_user, django_assert_num_queries):
    rows = [f"{algebra.class_code},{make_user(f'P{number}').email},," for number in range(51)]
    for some in (rows[:1], rows[1:]):
        with django_assert_num_queries(3):  # classes, people, memberships
            made = plan(*some)
        with django_assert_num_queries(6):  # as enrol_many
            write(made, root)
    assert algebra.memberships.count() == 52


def test_rows_beyond_the_seats_of_a_class_are_refused(algebra, alice, root, bob, charlie, dora, make_user, join):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    algebra.change_settings(Actor(alice), capacity=2)
    zoe, code = make_user("Zoe"), algebra.class_code
    made = plan(
        f"{code},dora@example.org,TEACHER,",
        f"{code},charlie@example.org,,APPROVED",
        f"{code},{zoe.email},,",
        f"{code},bob@example.org,,",
    )
    assert [(step.row.line, step.outcome) for step in made.steps] == [(2, ADD), (3, CHANGE), (5, KEEP)]
    assert reasons(made) == [(4, Class.Full.message)]
    MEMBERS.write([step for step in made.steps if step.outcome != KEEP], Actor(root))
    assert records_of(algebra, charlie) == ("STUDENT", "APPROVED")


def test_a_pending_person_becomes_a_teacher_of_a_full_class(algebra, alice, root, bob, charlie, dora, make_user, join):
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    join(algebra, dora, "PENDING")
    algebra.change_settings(Actor(alice), capacity=3)
    zoe, code = make_user("Zoe"), algebra.class_code
    write(
        plan(
            f"{code},dora@example.org,TEACHER,APPROVED",
            f"{code},charlie@example.org,,APPROVED",
            f"{code},{zoe.email},,",
        ),
        root,
    )
    people = (dora, charlie, zoe)
    assert [records_of(algebra, user)[0] for user in people] == ["TEACHER", "STUDENT", "STUDENT"]
