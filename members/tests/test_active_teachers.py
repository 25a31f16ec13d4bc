"""A class keeps an active teacher: people who are deactivated, or became a STUDENT, don't count."""

from functools import partial

import pytest

from classes.models import Class
from members.models import Membership
from members.roster_import import MEMBERS as ROSTERS
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.imports.kinds import KINDS, read_upload
from tutorarc.imports.people import PEOPLE
from tutorarc.imports.plans import Terms
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import Site, errors, recorded

MEMBERS = Membership.objects
CHANGES = [{"is_active": False}, {"global_role": "STUDENT"}]


def roster(klass, *rows):
    text = "class,email,role,status\n" + "".join(f"{klass.class_code},{row}\n" for row in rows)
    return ROSTERS.plan(read_upload(KINDS["rosters"], text.encode(), "roster.csv").parts.members, Terms())


@pytest.fixture
def co_taught(algebra, alice, dora):
    MEMBERS.enrol(algebra, dora, "TEACHER", Actor(alice))
    return algebra


@pytest.fixture
def half_taught(co_taught, dora, request):
    """Alice's class, whose other teacher doesn't count any more."""
    dora.edit(SYSTEM, **request.param)
    return co_taught


WAYS_OUT = {
    "leave": lambda klass, alice: MEMBERS.leave(klass, Actor(alice)),
    "remove": lambda klass, alice: MEMBERS.remove(klass, alice.pk, Actor(alice)),
    "remove_many": lambda klass, alice: MEMBERS.remove_many(klass, [alice.pk], Actor(alice)),
    "change_role": lambda klass, alice: MEMBERS.change_role(klass, alice.pk, "STUDENT", Actor(alice)),
    "change_roles": lambda klass, alice: MEMBERS.change_roles(klass, [alice.pk], "STUDENT", Actor(alice)),
}


@pytest.mark.parametrize("half_taught", CHANGES, indirect=True)
@pytest.mark.parametrize("way", WAYS_OUT)
def test_the_only_teacher_who_counts_stays(half_taught, alice, way):
    with pytest.raises(Membership.LastTeacher):
        WAYS_OUT[way](half_taught, alice)
    assert [member.user for member in MEMBERS.active_teachers().filter(klass=half_taught)] == [alice]


@pytest.mark.parametrize("way", WAYS_OUT)
def test_one_of_two_active_teachers_may_go(co_taught, alice, dora, way):
    WAYS_OUT[way](co_taught, alice)
    assert [member.user for member in MEMBERS.active_teachers().filter(klass=co_taught)] == [dora]


@pytest.mark.parametrize("half_taught", CHANGES, indirect=True)
def test_a_teacher_who_does_not_count_may_be_removed(half_taught, alice, dora):
    assert MEMBERS.remove(half_taught, dora.pk, Actor(alice)).status == "REMOVED"


@pytest.mark.parametrize("half_taught", CHANGES, indirect=True)
@pytest.mark.parametrize("row", ["alice@example.org,,REMOVED", "alice@example.org,STUDENT,"])
def test_a_roster_leaves_the_only_teacher_who_counts(half_taught, row):
    [problem] = roster(half_taught, row).problems
    assert (problem.line, problem.reason) == (2, Membership.LastTeacher.message)
    assert roster(half_taught, "dora@example.org,,REMOVED").problems == []


@pytest.mark.parametrize("half_taught", CHANGES[:1], indirect=True)
def test_a_roster_does_not_count_a_deactivated_replacement(half_taught, dora, alice):
    MEMBERS.change_role(half_taught, dora.pk, "STUDENT", Actor(alice))
    made = roster(half_taught, "alice@example.org,,REMOVED", "dora@example.org,TEACHER,")
    assert [problem.line for problem in made.problems] == [2]


# Changes of the person


def by_the_verb(user, **changes):
    user.edit(SYSTEM, **changes)


def by_the_batch(user, **changes):
    User.objects.edit_many({user.pk: changes}, SYSTEM)


@pytest.fixture(params=[by_the_verb, by_the_batch])
def change(request):
    return request.param


@pytest.mark.parametrize("changes", CHANGES)
def test_the_only_teacher_of_classes_is_kept_and_the_classes_are_named(co_taught, alice, dora, change, changes):
    botany, old = (Class.objects.create_with_teacher(Actor(alice), title=title) for title in ("Botany", "Old"))
    old.archive(Actor(alice))
    with pytest.raises(Membership.LastTeacher) as refusal:
        change(alice, **changes)
    assert refusal.value.message == "Make somebody else a teacher of these classes first."
    assert [tuple(detail) for detail in refusal.value.details] == [
        ("", "last_teacher", f"{klass.title} would have no active teacher.", klass.pk) for klass in (botany, old)
    ]
    assert recorded(alice) == [("created", None)]
    for klass in (botany, old.unarchive(Actor(alice))):
        MEMBERS.enrol(klass, dora, "TEACHER", Actor(alice))
    change(alice, **changes)
    after = "deactivated" if "is_active" in changes else "updated"
    assert recorded(alice) == [("created", None), (after, None)]


@pytest.mark.parametrize("changes", [{"display_name": "Alicia"}, {"global_role": "ADMIN"}])
def test_any_other_change_asks_for_no_replacement(algebra, alice, change, changes):
    change(alice, **changes)
    assert recorded(alice) == [("created", None), ("updated", None)]


def test_one_who_does_not_count_anyway_needs_no_replacement(algebra, alice, change):
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    change(alice, global_role="STUDENT")
    assert recorded(alice) == [("created", None), ("updated", None)]


def test_students_and_former_teachers_of_a_class_need_no_replacement(co_taught, alice, dora, bob, join, change):
    join(co_taught, bob)
    MEMBERS.remove(co_taught, dora.pk, Actor(alice))
    for user in (bob, dora):
        change(user, is_active=False)
        assert recorded(user) == [("created", None), ("deactivated", None)]


def test_two_teachers_are_not_deactivated_at_once_and_each_is_named(co_taught, alice, dora, bob):
    people = sorted((alice, bob, dora), key=lambda user: user.email)
    with pytest.raises(Membership.LastTeacher) as refusal:
        User.objects.edit_many({user.pk: {"is_active": False} for user in people}, SYSTEM)
    assert [detail.field for detail in refusal.value.details] == ["people[0]", "people[1]"]
    assert User.objects.filter(is_active=False).count() == 0


@pytest.mark.parametrize("count", [1, 30])
def test_many_classes_cost_as_many_statements_as_one(alice, dora, django_assert_num_queries, count):
    for number in range(count):
        klass = Class.objects.create_with_teacher(Actor(alice), title=f"{number}")
        MEMBERS.enrol(klass, dora, "TEACHER", Actor(alice))
    # two savepoints, each with its end; superusers, the person, the classes, their teachers;
    # the change, its record and its security event
    with django_assert_num_queries(11):
        alice.edit(SYSTEM, is_active=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize(
    "other",
    [
        lambda klass, alice: MEMBERS.leave(klass, Actor(alice)),
        lambda klass, alice: MEMBERS.change_role(klass, alice.pk, "STUDENT", Actor(alice)),
        lambda klass, alice: alice.edit(SYSTEM, is_active=False),
        lambda klass, alice: alice.edit(SYSTEM, global_role="STUDENT"),
    ],
)
def test_of_a_deactivation_and_another_way_out_one_is_refused(co_taught, alice, dora, run_together, other, attempt):
    answers = run_together([lambda: dora.edit(SYSTEM, is_active=False), partial(other, co_taught, alice)])
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [Membership.LastTeacher]
    assert MEMBERS.active_teachers().filter(klass=co_taught).count() == 1


# The admin site


def test_the_page_of_the_person_names_the_classes(root, algebra, alice):
    site = Site(root, "tutorarc_user")
    form = {"email": alice.email, "display_name": "Alice", "global_role": "TEACHER"}
    page = site.change(alice.pk, **form)
    hand_over = f"/admin/members/membership/hand-over/{alice.pk}/"
    assert errors(page) == {
        "__all__": [
            "Make somebody else a teacher of these classes first.",
            f"{algebra.title} would have no active teacher.",
            f'<a class="text-link underline" href="{hand_over}">Hand over their classes</a>',
        ]
    }
    alice.refresh_from_db()
    assert alice.is_active


def people(*rows):
    text = "email,display_name,global_role\n" + "".join(f"{row}\n" for row in rows)
    return PEOPLE.plan(read_upload(KINDS["people"], text.encode(), "people.csv").parts.people, Terms())


def test_an_import_of_people_names_the_line_and_the_classes(co_taught, alice, dora):
    botany = Class.objects.create_with_teacher(Actor(alice), title="Botany")
    rows = ["alice@example.org,Alice,STUDENT", "dora@example.org,Dora,STUDENT"]
    made = people(*rows)
    would = "would have no active teacher."
    reason = "Make somebody else a teacher of these classes first."
    assert [(problem.line, problem.reason) for problem in made.problems] == [
        (2, f"{reason} {co_taught.title} {would} {botany.title} {would}"),
        (3, f"{reason} {co_taught.title} {would}"),
    ]
    [problem] = people(rows[0]).problems
    assert problem.reason == f"{reason} {botany.title} {would}"
    assert people(rows[1]).problems == []


def test_a_class_is_not_created_for_a_deactivated_teacher(root, alice):
    alice.edit(SYSTEM, is_active=False)
    with pytest.raises(User.NotActive):
        Class.objects.create_with_teacher(Actor(root), title="Botany", teacher=alice)
    page = Site(root, "classes_class").add(title="Botany", description="", first_teacher=alice.pk)
    assert errors(page) == {"first_teacher": ["Choose an active person whose global role is Teacher or Admin."]}
    assert Class.objects.count() == 0
