"""Import of classes: title, teacher and students in one file."""

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.models import User
from tutorarc.tests.imports.importing import consent, groups, newest, preview, reasons

pytestmark = pytest.mark.django_db

KIND = "classes_class"


def places(klass):
    rows = Membership.objects.filter(klass=klass).order_by("user__email")
    return list(rows.values_list("user__email", "role"))


def test_a_class_in_several_rows_is_added_with_its_teacher_and_students(site, bob):
    page = preview(
        site,
        "Class,Description,Teacher e-mail,Teacher name,E-mail,First name,Last name\n"
        "Chemistry,Acids,tom@example.org,Tom Turner,amy@example.org,Amy,Adams\n"
        "Chemistry,Acids,tom@example.org,Tom Turner,bob@example.org,Bob,\n"
        "Physics,,tom@example.org,Tom Turner,,,\n",
    )
    assert groups(page)["added"] == [
        (2, "tom@example.org", "Tom Turner, TEACHER"),
        (2, "amy@example.org", "Amy Adams, STUDENT"),
        (2, "Chemistry", "taught by tom@example.org"),
        (4, "Physics", "taught by tom@example.org"),
        (2, "amy@example.org in Chemistry", "STUDENT"),
        (3, "bob@example.org in Chemistry", "STUDENT"),
    ]
    assert consent(site, page) == "Done: 6 added, 0 changed, 1 left alone."
    chemistry = Class.objects.get(title="Chemistry")
    assert (chemistry.description, chemistry.created_by.email) == ("Acids", "tom@example.org")
    assert places(chemistry) == [
        ("amy@example.org", "STUDENT"),
        ("bob@example.org", "STUDENT"),
        ("tom@example.org", "TEACHER"),
    ]


def test_a_list_of_students_and_several_teachers_may_stand_in_one_cell(site, alice, dora, bob, charlie):
    text = "title,teacher,students\nChemistry,alice@example.org; dora@example.org,bob@example.org charlie@example.org\n"
    consent(site, preview(site, text))
    assert places(Class.objects.get()) == [
        ("alice@example.org", "TEACHER"),
        ("bob@example.org", "STUDENT"),
        ("charlie@example.org", "STUDENT"),
        ("dora@example.org", "TEACHER"),
    ]


def test_the_class_of_a_known_title_is_updated_and_gets_the_students(site, algebra, bob):
    page = preview(site, "title,description,email\nALGEBRA,Numbers,bob@example.org\n")
    assert groups(page) == {
        "changed": [(2, "ALGEBRA", "title: Algebra → ALGEBRA; description: Groups, rings, fields. → Numbers")],
        "added": [(2, "bob@example.org in ALGEBRA", "STUDENT")],
    }
    consent(site, page)
    algebra.refresh_from_db()
    assert (algebra.title, algebra.description) == ("ALGEBRA", "Numbers")
    assert places(algebra) == [("alice@example.org", "TEACHER"), ("bob@example.org", "STUDENT")]


def test_bad_rows_are_named(site, algebra, alice, bob, make_user):
    make_user("Gone", "TEACHER", is_active=False)
    page = preview(
        site,
        "title,teacher\nChemistry,\nPhysics,nobody@example.org\nBotany,bob@example.org\nZoology,gone@example.org\n"
        f"{'T' * 201},alice@example.org\n",
    )
    unknown = (
        "No person has the address nobody@example.org. Import people first, or add a column with the teacher’s name."
    )
    assert [(line, reason) for line, _, reason in reasons(page)] == [
        (2, "A new class needs a teacher: add a column with the e-mail address of one."),
        (3, unknown),
        (4, "The teacher bob@example.org has the global role STUDENT."),
        (5, User.NotActive.message),
        (6, "title: Ensure this value has at most 200 characters (it has 201)."),
    ]


def test_students_of_a_class_that_can_not_be_added_are_not_imported(site, bob):
    page = preview(site, "title,email\nChemistry,bob@example.org\n")
    assert [reason for _, _, reason in reasons(page)] == [
        "A new class needs a teacher: add a column with the e-mail address of one.",
        "No class has this code, id or title.",
    ]
    assert newest().changes == 0


def test_external_ids_are_stored_and_tell_which_class_is_meant(site, algebra, alice):
    consent(site, preview(site, "title,external id,teacher\nAlgebra,A-1,\nChemistry,C-1,alice@example.org\n"))
    rows = Class.objects.order_by("pk").values_list("title", "external_id")
    assert list(rows) == [("Algebra", "A-1"), ("Chemistry", "C-1")]
    page = preview(site, "title,external id,teacher\nAlgebra 2,A-1,\nAlgebra,A-2,alice@example.org\n")
    assert groups(page) == {
        "added": [(3, "Algebra", "taught by alice@example.org")],
        "changed": [(2, "Algebra 2", "title: Algebra → Algebra 2")],
    }
