import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.testing.client import UNAUTHENTICATED, invalid_parameter, verdict


@pytest.fixture
def make_class(alice):
    def make(*titles, by=alice):
        return [Class.objects.create_with_teacher(Actor(by), title=title) for title in titles]

    return make


def titles(response):
    assert response.status_code == 200
    return [klass["title"] for klass in response.json()["results"]]


def test_a_list_is_a_page_of_class_objects(api, bob, algebra, join):
    join(algebra, bob)
    client = api(bob)
    klass = client.get(f"/classes/{algebra.pk}").json()
    assert client.get("/classes").json() == {"next": None, "previous": None, "results": [klass]}


def test_a_user_without_classes_gets_an_empty_page(api, bob, algebra):
    assert api(bob).get("/classes").json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize(
    ("status", "seen"), [("PENDING", []), ("APPROVED", ["Algebra"]), ("REJECTED", []), ("REMOVED", [])]
)
def test_a_student_sees_only_classes_with_approved_membership(api, bob, algebra, make_class, join, status, seen):
    make_class("Not Bob's")
    join(algebra, bob, status)
    assert titles(api(bob).get("/classes")) == seen


def test_the_approval_of_others_does_not_show_a_student_the_class(api, bob, charlie, algebra, join):
    join(algebra, charlie)
    join(algebra, bob, "PENDING")
    assert titles(api(bob).get("/classes")) == []


def test_a_teacher_sees_classes_they_created_and_classes_they_are_a_member_of(
    api, alice, dora, admin, algebra, make_class
):
    [joined, taught, _hidden] = make_class("Joined", "Taught", "Hidden", by=admin)
    Membership.objects.enrol(joined, dora, "STUDENT", Actor(admin))
    Membership.objects.enrol(taught, dora, "TEACHER", Actor(admin))
    make_class("Created", by=dora)
    assert titles(api(dora).get("/classes")) == ["Created", "Taught", "Joined"]


@pytest.fixture
def left(alice, dora, algebra):
    """Alice's class, which she has left to Dora."""
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    return algebra


@pytest.mark.parametrize("query", ["", "?ordering=title", "?search=alg"])
def test_a_teacher_sees_a_class_they_created_and_left_without_its_code(api, alice, dora, left, make_class, query):
    make_class("Algebra II")
    [code_of_hers] = Class.objects.filter(title="Algebra II").values_list("class_code", flat=True)
    rows = api(alice).get(f"/classes{query}").json()["results"]
    assert {row["title"]: row["class_code"] for row in rows} == {"Algebra": "", "Algebra II": code_of_hers}
    [row] = api(dora).get(f"/classes{query}").json()["results"]
    assert row["class_code"] == left.class_code


@pytest.mark.parametrize("reopened", [False, True])
def test_a_creator_who_is_no_member_cannot_search_for_the_code(api, alice, dora, admin, left, reopened):
    if reopened:
        Membership.objects.reopen(left, [alice.pk], Actor(dora))
    found = [titles(api(user).get("/classes", {"search": left.class_code[-4:]})) for user in (alice, dora, admin)]
    assert found == [[], ["Algebra"], ["Algebra"]]
    assert api(alice).get("/classes").json()["results"][0]["class_code"] == ""


def test_an_admin_who_is_no_member_sees_the_code(api, admin, algebra):
    [row] = api(admin).get("/classes").json()["results"]
    assert row["class_code"] == algebra.class_code


def test_a_teacher_no_longer_sees_a_class_of_others_that_removed_them(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.remove(algebra, dora.pk, Actor(alice))
    assert titles(api(dora).get("/classes")) == []


def test_a_student_who_created_a_class_while_a_teacher_sees_it_only_as_a_member(api, alice, dora, algebra):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    Membership.objects.leave(algebra, Actor(alice))
    student = alice.edit(SYSTEM, global_role="STUDENT")
    assert titles(api(student).get("/classes")) == []


def test_an_admin_sees_every_class(api, admin, dora, algebra, make_class):
    make_class("Dora's", by=dora)
    assert titles(api(admin).get("/classes")) == ["Dora's", "Algebra"]


def test_staff_and_superuser_flags_give_no_rights_in_the_api(api, make_user, algebra):
    root = make_user("Root", is_staff=True, is_superuser=True)
    assert titles(api(root).get("/classes")) == []


def test_a_list_needs_a_credential(api, algebra):
    assert verdict(api().get("/classes")) == UNAUTHENTICATED


def test_a_class_appears_once_for_its_creator_who_is_also_its_teacher(api, alice, algebra):
    assert titles(api(alice).get("/classes")) == ["Algebra"]


def test_archived_classes_stay_in_the_list(api, alice, bob, algebra, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    assert titles(api(bob).get("/classes")) == ["Algebra"]


@pytest.mark.parametrize("role", ["alice", "bob", "admin"])
@pytest.mark.parametrize(("status", "seen"), [("ACTIVE", ["Geometry"]), ("ARCHIVED", ["Algebra"])])
def test_status_filters(api, request, alice, bob, algebra, make_class, join, role, status, seen):
    join(algebra, bob)
    [geometry] = make_class("Geometry")
    join(geometry, bob)
    algebra.archive(Actor(alice))
    assert titles(api(request.getfixturevalue(role)).get(f"/classes?status={status}")) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("geo", ["Geometry"]),
        ("GEOM", ["Geometry"]),
        ("rings", ["Algebra"]),
        ("%", []),
        ("_", []),
        ("e", ["Geometry", "Algebra"]),
        ("nothing of the kind", []),
    ],
)
@pytest.mark.parametrize("role", ["alice", "bob", "admin"])
def test_search_finds_part_of_title_or_description_in_either_case(
    api, request, bob, algebra, make_class, join, role, text, seen
):
    [geometry] = make_class("Geometry")
    join(algebra, bob)
    join(geometry, bob)
    assert titles(api(request.getfixturevalue(role)).get("/classes", {"search": text})) == seen


def test_search_finds_a_class_by_its_code(api, alice, algebra, make_class):
    make_class("Geometry")
    assert titles(api(alice).get("/classes", {"search": algebra.class_code.lower()})) == ["Algebra"]


def test_search_never_shows_a_class_the_user_may_not_see(api, bob, dora, algebra):
    assert [titles(api(user).get("/classes?search=algebra")) for user in (bob, dora)] == [[], []]


def test_created_after_and_before_exclude_the_time_itself(api, alice, make_class):
    first, second, third = make_class("First", "Second", "Third")
    moments = {klass.title: klass.created_at for klass in (first, second, third)}
    client = api(alice)

    def sought(**bounds):
        response = client.get("/classes", {name: moment.isoformat() for name, moment in bounds.items()})
        return set(titles(response))

    for moment in moments.values():
        assert sought(created_after=moment) == {title for title, made in moments.items() if made > moment}
        assert sought(created_before=moment) == {title for title, made in moments.items() if made < moment}
    assert sought(created_after=first.created_at, created_before=first.created_at) == set()


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("created_after=2020-01-01T00:00:00Z", ["Algebra"]),
        ("created_after=2020-01-01T00:00:00.5%2B05:30", ["Algebra"]),
        ("created_before=2020-01-01t00:00:00z", []),
        ("created_after=9999-12-31T23:59:59Z", []),
        ("created_before=9999-12-31T23:59:59Z", ["Algebra"]),
        ("created_after=0001-01-01T00:00:00Z", ["Algebra"]),
        ("created_before=0001-01-01T00:00:00Z", []),
    ],
)
def test_any_time_with_an_offset_is_accepted(api, alice, algebra, query, seen):
    assert titles(api(alice).get(f"/classes?{query}")) == seen


@pytest.mark.parametrize(
    ("ordering", "seen"),
    [
        ("created_at", ["B", "C", "A"]),
        ("-created_at", ["A", "C", "B"]),
        ("title", ["A", "B", "C"]),
        ("-title", ["C", "B", "A"]),
    ],
)
def test_ordering_is_by_creation_or_title_ascending_or_descending(api, alice, make_class, ordering, seen):
    make_class("B", "C", "A")
    assert titles(api(alice).get(f"/classes?ordering={ordering}")) == seen


def test_newest_classes_come_first_by_default(api, alice, make_class):
    make_class("Older", "Newer")
    assert titles(api(alice).get("/classes")) == ["Newer", "Older"]


def test_filters_work_together(api, alice, make_class):
    one, two, _three = make_class("Set theory", "Set design", "Topology")
    two.archive(Actor(alice))
    query = {"search": "set", "status": "ACTIVE", "ordering": "title", "created_after": "2020-01-01T00:00:00Z"}
    assert titles(api(alice).get("/classes", query)) == [one.title]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("status=DELETED", "status", "invalid_choice"),
        ("status=active", "status", "invalid_choice"),
        ("status=", "status", "blank"),
        ("ordering=id", "ordering", "invalid_choice"),
        ("ordering=", "ordering", "blank"),
        ("search=", "search", "blank"),
        (f"search={'x' * 201}", "search", "max_length"),
        ("created_after=yesterday", "created_after", "invalid"),
        ("created_before=2026-03-14", "created_before", "invalid"),
        ("created_before=2026-03-14T09:30:00", "created_before", "invalid"),
        ("created_before=", "created_before", "blank"),
        ("titel=Algebra", "titel", "unknown_parameter"),
        ("status=ACTIVE&status=ACTIVE", "status", "repeated_parameter"),
    ],
)
def test_a_wrong_unknown_or_repeated_parameter_is_refused(api, alice, query, field, code):
    assert verdict(api(alice).get(f"/classes?{query}")) == invalid_parameter(field, code)


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("query", ["", "&status=ACTIVE", "&search=a", "&ordering=title", "&cursor"])
@pytest.mark.parametrize("role", ["bob", "alice", "admin"])
def test_a_list_costs_two_statements_for_any_length(
    api, request, bob, make_class, join, django_assert_num_queries, role, query, count
):
    for klass in make_class(*["Algebra"] * count):
        join(klass, bob)
    client = api(request.getfixturevalue(role))
    address = f"/classes?page_size=29{query}"
    if query == "&cursor":
        address = client.get("/classes?page_size=29").json()["next"] or "/classes"
    with django_assert_num_queries(2):
        response = client.get(address.removeprefix("http://testserver"))
    assert response.status_code == 200


def test_a_student_with_many_classes_gets_them_in_pages(api, bob, make_class, join):
    for klass in make_class(*map(str, range(25))):
        join(klass, bob)
    client = api(bob)
    page = client.get("/classes").json()
    assert [klass["title"] for klass in page["results"]] == [str(n) for n in range(24, 4, -1)]
    rest = client.get(page["next"].removeprefix("http://testserver"))
    assert titles(rest) == [str(n) for n in range(4, -1, -1)]
    assert rest.json()["next"] is None
