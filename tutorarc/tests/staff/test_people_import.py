"""People import: the plan for each row, and what is written."""

import pytest

from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.staff.csv_file import read
from tutorarc.staff.import_plans import ADD, CHANGE, KEEP
from tutorarc.staff.people_import import APPOINTS, CLOSED, PEOPLE
from tutorarc.tests.staff.admin_site import recorded

pytestmark = pytest.mark.django_db


def plan(text, may_change=lambda user: True):
    return PEOPLE.plan(read(text.encode(), PEOPLE.columns), may_change, False)


def steps(made):
    return [(step.line, step.label, step.outcome, step.summary) for step in made.steps]


def test_new_people_are_added_different_ones_changed_and_equal_ones_skipped(alice, bob, charlie):
    made = plan(
        "email,display_name,global_role\n"
        "Zoe@Example.org,Zoë,teacher\n"
        "yan@example.org,Yan,\n"
        "BOB@example.org,Robert,TEACHER\n"
        "charlie@example.org,,\n"
        "alice@example.org,Alice,TEACHER\n"
    )
    assert steps(made) == [
        (2, "zoe@example.org", ADD, "Zoë, TEACHER"),
        (3, "yan@example.org", ADD, "Yan, STUDENT"),
        (4, "bob@example.org", CHANGE, "display name: Bob → Robert; global role: STUDENT → TEACHER"),
        (5, "charlie@example.org", KEEP, ""),
        (6, "alice@example.org", KEEP, ""),
    ]
    assert (made.problems, made.changes, made.summary) == ([], 3, "2 added, 1 changed, 2 left alone")


def test_what_is_planned_is_written_by_the_verbs_and_recorded(alice, bob):
    made = plan("email,display_name,global_role\nzoe@example.org,Zoë,TEACHER\nbob@example.org,Robert,\n")
    assert list(PEOPLE.write(made, Actor(alice))) == [1, 1]
    zoe = User.objects.get(email="zoe@example.org")
    bob.refresh_from_db()
    assert [(user.display_name, user.global_role) for user in (zoe, bob)] == [("Zoë", "TEACHER"), ("Robert", "STUDENT")]
    assert (zoe.has_usable_password(), recorded(zoe)) == (False, [("created", "Alice")])
    assert recorded(bob) == [("created", None), ("updated", "Alice")]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("zoe,Zoë,TEACHER", "email: Enter a valid email address."),
        (",Zoë,TEACHER", "email: This field cannot be blank."),
        ("zoe@example.org,,TEACHER", "display_name: This field cannot be blank."),
        (
            f"zoe@example.org,{'Z' * 201},TEACHER",
            "display_name: Ensure this value has at most 200 characters (it has 201).",
        ),
        ("zoe@example.org,Zoë,KING", "“KING” is none of STUDENT, TEACHER, ADMIN."),
        ("zoe@example.org,Zoë", "This line has 2 cells, and the header 3."),
        ("bob@example.org,Bob,KING", "“KING” is none of STUDENT, TEACHER, ADMIN."),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_reason(bob, row, reason):
    made = plan(f"email,display_name,global_role\nyan@example.org,Yan,\n{row}\n")
    assert [(problem.line, problem.reason) for problem in made.problems] == [(3, reason)]


def test_a_duplicate_address_is_named(bob):
    made = plan(
        "email,display_name\nzoe@example.org,Zoë\n\nZOE@example.org ,Zoé\nbob@example.org,B\nbob@example.org,C\n"
    )
    assert made.problems == [
        (4, "zoe@example.org", "The same address as in line 2."),
        (6, "bob@example.org", "The same address as in line 5."),
    ]


def test_people_the_user_may_not_change_are_named_unless_nothing_changes(alice, bob):
    text = "email,display_name\nbob@example.org,Robert\nalice@example.org,Alice\n"
    made = plan(text, may_change=lambda user: False)
    assert (made.problems, steps(made)) == ([(2, "bob@example.org", CLOSED)], [(3, "alice@example.org", KEEP, "")])


def test_staff_who_may_not_change_an_admin_can_not_add_one(admin, bob):
    text = "email,display_name,global_role\nadmin@example.org,,ADMIN\nbob@example.org,,ADMIN\nzoe@example.org,Z,admin\n"
    made = plan(text, may_change=lambda user: not user.is_admin)
    assert steps(made) == [(2, "admin@example.org", KEEP, "")]
    assert made.problems == [(3, "bob@example.org", APPOINTS), (4, "zoe@example.org", APPOINTS)]


def test_an_export_that_is_imported_again_changes_nothing(alice, bob):
    made = plan(
        "id,email,display_name,global_role,is_active,is_staff,created_at\n"
        f"{bob.pk},bob@example.org,Bob,STUDENT,1,0,2026-03-14T09:30:00Z\n"
    )
    assert (made.summary, made.ignored) == (
        "0 added, 0 changed, 1 left alone",
        ["id", "is_active", "is_staff", "created_at"],
    )


def test_planning_costs_one_statement_for_500_rows_and_two_for_more(alice, django_assert_num_queries):
    rows = [f"person{number}@example.org,Person" for number in range(501)]
    for count, statements in ((1, 1), (500, 1), (501, 2)):
        with django_assert_num_queries(statements):
            assert plan("\n".join(["email,display_name", *rows[:count]])).changes == count


def test_a_different_plan_has_another_fingerprint(bob):
    text = "email,display_name\nbob@example.org,Robert\n"
    before = plan(text)
    assert before.fingerprint == plan(text).fingerprint
    bob.edit(Actor(bob), display_name="Bobby")
    assert before.fingerprint != plan(text).fingerprint
