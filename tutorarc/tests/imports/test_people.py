"""People import: the plan for each row, and what is written."""

import pytest

from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.imports.kinds import KINDS, read_upload
from tutorarc.imports.people import APPOINTS, CLOSED, OTHER_ADDRESS, PEOPLE, YOURSELF
from tutorarc.imports.plans import ADD, CHANGE, KEEP, Terms
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import recorded

pytestmark = pytest.mark.django_db


def plan(text, by=SYSTEM):
    return PEOPLE.plan(read_upload(KINDS["people"], text.encode(), "people.csv").parts.people, Terms(by))


def steps(made):
    return [(step.line, step.label, step.outcome, step.summary) for step in made.steps]


def problems(made):
    return [(problem.line, problem.label, problem.reason) for problem in made.problems]


@pytest.fixture
def registrar(make_user):
    return Actor(make_user("Rita", is_staff=True))


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
    assert (made.problems, made.summary) == ([], "2 added, 1 changed, 2 left alone")


def test_what_is_planned_is_written_by_the_verbs_and_recorded(alice, bob):
    made = plan("email,display_name,global_role\nzoe@example.org,Zoë,TEACHER\nbob@example.org,Robert,\n")
    written = PEOPLE.write(made.steps, Actor(alice))
    zoe = User.objects.get(email="zoe@example.org")
    assert [record.pk for record in written] == [zoe.pk, bob.pk]
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
    assert problems(made) == [
        (4, "zoe@example.org", "The same address as in line 2."),
        (6, "bob@example.org", "The same address as in line 5."),
    ]


def test_people_the_user_may_not_change_are_named_unless_nothing_changes(admin, root, registrar):
    text = "email,display_name\nroot@example.org,Robert\nadmin@example.org,Admin\n"
    made = plan(text, registrar)
    unchanged = [(3, "admin@example.org", KEEP, "")]
    assert (problems(made), steps(made)) == ([(2, "root@example.org", CLOSED)], unchanged)


def test_staff_who_may_not_change_an_admin_can_not_add_one(admin, bob, registrar):
    text = "email,display_name,global_role\nadmin@example.org,,ADMIN\nbob@example.org,,ADMIN\nzoe@example.org,Z,admin\n"
    made = plan(text, registrar)
    assert steps(made) == [(2, "admin@example.org", KEEP, "")]
    assert problems(made) == [(3, "bob@example.org", APPOINTS), (4, "zoe@example.org", APPOINTS)]


def test_an_export_that_is_imported_again_changes_nothing(alice, bob):
    made = plan(
        "id,email,display_name,global_role,is_active,is_staff,created_at\n"
        f"{bob.pk},bob@example.org,Bob,STUDENT,1,0,2026-03-14T09:30:00Z\n"
    )
    assert made.summary == "0 added, 0 changed, 1 left alone"


@pytest.mark.parametrize("said", ["no", "0", "FALSE", "Suspended", "nein", "non", "Inactivo"])
def test_people_are_deactivated_and_activated_again(alice, bob, said):
    made = plan(f"email,status\nbob@example.org,{said}\n")
    assert steps(made) == [(2, "bob@example.org", CHANGE, "active: yes → no")]
    PEOPLE.write(made.steps, Actor(alice))
    assert steps(plan("email,active\nbob@example.org,Yes\n")) == [(2, "bob@example.org", CHANGE, "active: no → yes")]


def test_an_unknown_word_for_active_is_named(bob):
    assert problems(plan("email,active\nbob@example.org,perhaps\n")) == [
        (2, "bob@example.org", "“perhaps” is neither yes nor no.")
    ]


def test_nobody_deactivates_themselves(root):
    made = plan("email,active\nroot@example.org,no\n", Actor(root))
    assert problems(made) == [(2, "root@example.org", YOURSELF)]


def test_the_only_teacher_of_a_class_is_not_deactivated(algebra, alice, root):
    [(line, label, reason)] = problems(plan("email,active\nalice@example.org,no\n", Actor(root)))
    assert (line, label, "Algebra" in reason) == (2, "alice@example.org", True)


def test_external_ids_are_stored_and_belong_to_one_person(alice, bob, charlie):
    PEOPLE.write(plan("email,external_id\nbob@example.org,B-1\n").steps, Actor(alice))
    made = plan(
        "email,display_name,student id\nbob@example.org,Bob,B-1\ncharlie@example.org,Charlie,B-1\n"
        "rob@example.org,Rob,B-1\nzoe@example.org,Zoë,Z-1\nyan@example.org,Yan,Z-1\n"
    )
    assert steps(made) == [
        (2, "bob@example.org", KEEP, ""),
        (5, "zoe@example.org", ADD, "Zoë, STUDENT"),
    ]
    assert problems(made) == [
        (3, "charlie@example.org", "The same external id as in line 2."),
        (4, "rob@example.org", "The same external id as in line 2."),
        (6, "yan@example.org", "The same external id as in line 5."),
    ]
    other = OTHER_ADDRESS.format(email="bob@example.org")
    assert problems(plan("email,name,external_id\nrob@example.org,Rob,B-1\n")) == [(2, "rob@example.org", other)]
    assert problems(plan("email,external_id\ncharlie@example.org,B-1\n")) == [
        (2, "charlie@example.org", "The external id belongs to bob@example.org.")
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Email Address,First Name,Last Name",
        "E-MAIL_ADDRESS,first-name,LAST NAME",
        "Email Address [Required],First Name [Required],Last Name [Required]",
        "E-Mail-Adresse,Vorname,Nachname",
        "Adresse e-mail,Prénom,Nom",
        "Correo electrónico,Nombre,Apellidos",
        "email,givenName,familyName",
    ],
)
def test_columns_are_known_by_many_names(db, header):
    made = plan(f"{header}\nzoe@example.org,Zoë,Zander\n")
    assert steps(made) == [(2, "zoe@example.org", ADD, "Zoë Zander, STUDENT")]


def test_planning_costs_one_statement_for_500_rows_and_two_for_more(alice, django_assert_num_queries):
    rows = [f"person{number}@example.org,Person" for number in range(501)]
    for count, statements in ((1, 1), (500, 1), (501, 2)):
        with django_assert_num_queries(statements):
            assert (
                plan("\n".join(["email,display_name", *rows[:count]])).summary
                == f"{count} added, 0 changed, 0 left alone"
            )
