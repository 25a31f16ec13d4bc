"""GET /classes/{id}/members"""

import pytest

from members.tests.expected import membership
from tutorarc.domain.events import Actor
from tutorarc.testing.client import forbidden, invalid_parameter, verdict


@pytest.fixture
def members(algebra):
    return f"/classes/{algebra.pk}/members"


def names(response):
    assert response.status_code == 200, response.content
    return [row["user"]["display_name"] for row in response.json()["results"]]


def test_lists_everyone_with_their_status_oldest_first(half_past_nine, alice, algebra, members, api, join, make_user):
    pending, approved, rejected, removed = (make_user(name) for name in ("Pia", "Ann", "Ray", "Rob"))
    for user, status in ((removed, "REMOVED"), (pending, "PENDING"), (approved, "APPROVED"), (rejected, "REJECTED")):
        join(algebra, user, status)

    response = api(alice).get(members)

    assert response.status_code == 200
    assert response.json() == {
        "next": None,
        "previous": None,
        "results": [
            membership(algebra, alice, "APPROVED", role="TEACHER", joined_at=half_past_nine),
            membership(algebra, removed, "REMOVED", joined_at=half_past_nine),
            membership(algebra, pending, "PENDING"),
            membership(algebra, approved, "APPROVED", joined_at=half_past_nine),
            membership(algebra, rejected, "REJECTED"),
        ],
    }


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_a_member_of_any_status_may_read_it(algebra, members, bob, api, join, status):
    join(algebra, bob, status)
    response = api(bob).get(members)
    assert response.status_code == 200
    assert [row["status"] for row in response.json()["results"]] == ["APPROVED", status]


def test_an_admin_may_read_it_without_a_membership(admin, members, api):
    assert api(admin).get(members).status_code == 200


def test_a_stranger_may_not_read_it(charlie, members, api):
    message = "Only someone with a membership record in this class or an administrator (global role ADMIN) may do this."
    response = api(charlie).get(members)
    assert verdict(response) == forbidden("not_a_member")
    assert response.json()["error"]["message"] == message


def test_shows_no_member_of_another_class(alice, bob, algebra, members, api, join):
    other = type(algebra).objects.create_with_teacher(Actor(alice), title="Botany")
    join(other, bob)
    assert [row["user_id"] for row in api(alice).get(members).json()["results"]] == [alice.pk]


def test_an_archived_class_still_lists_its_members(alice, bob, algebra, members, api, join):
    join(algebra, bob)
    algebra.archive(Actor(alice))
    assert [row["user_id"] for row in api(bob).get(members).json()["results"]] == [alice.pk, bob.pk]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=PENDING", ["Bob"]),
        ("status=APPROVED", ["Alice", "Charlie"]),
        ("status=REJECTED", []),
        ("role=TEACHER", ["Alice"]),
        ("role=STUDENT", ["Bob", "Charlie"]),
        ("role=STUDENT&status=APPROVED", ["Charlie"]),
        ("search=AR", ["Charlie"]),
        ("search=bob@example", ["Bob"]),
        ("search=nobody", []),
    ],
)
def test_a_teacher_filters_by_status_and_role(alice, bob, charlie, algebra, members, api, join, query, expected):
    join(algebra, bob, "PENDING")
    join(algebra, charlie)
    assert names(api(alice).get(f"{members}?expand=user&{query}")) == expected


@pytest.mark.parametrize(("text", "expected"), [("bob", ["Bob"]), ("example.org", [])])
def test_a_student_searches_names_but_not_addresses(bob, algebra, members, api, join, text, expected):
    join(algebra, bob)
    assert names(api(bob).get(f"{members}?expand=user&search={text}")) == expected


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("status=GONE", "status", "invalid_choice"),
        ("status=", "status", "blank"),
        ("role=OWNER", "role", "invalid_choice"),
        ("state=PENDING", "state", "unknown_parameter"),
        ("ordering=-joined_at", "ordering", "invalid_choice"),
        ("expand=class", "expand", "invalid"),
        ("page_size=0", "page_size", "invalid"),
        ("page_size=101", "page_size", "invalid"),
        ("cursor=nonsense", "cursor", "invalid"),
        ("role=STUDENT&role=TEACHER", "role", "repeated_parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(alice, members, api, query, name, code):
    assert verdict(api(alice).get(f"{members}?{query}")) == invalid_parameter(name, code)


def people_of(response):
    """The `user` of each row, None where it has none."""
    assert response.status_code == 200, response.content
    return [row.get("user") for row in response.json()["results"]]


def emails_of(response):
    return {user["display_name"]: user.get("email") for user in people_of(response)}


@pytest.fixture
def everybody(algebra, alice, bob, charlie, dora, admin, make_user, join):
    """Alice's class with Bob and Charlie, who asked to join; Dora and Ed, added by an administrator; and Fay and Gus,
    added by Alice: Fay by her address, Gus by his id."""
    join(algebra, bob, "PENDING")
    join(algebra, charlie, "REMOVED")
    ed, fay, gus = (make_user(name) for name in ("Ed", "Fay", "Gus"))
    members = algebra.memberships
    members.enrol(algebra, dora, "TEACHER", Actor(admin), dora.email)
    members.enrol(algebra, ed, "STUDENT", Actor(admin), ed.email)
    members.enrol(algebra, fay, "STUDENT", Actor(alice), fay.email)
    members.enrol(algebra, gus, "STUDENT", Actor(alice))


EVERYBODY = ["Alice", "Bob", "Charlie", "Dora", "Ed", "Fay", "Gus"]
ADDRESSES_SEEN = {
    "admin": EVERYBODY,
    "alice": ["Alice", "Bob", "Charlie", "Fay"],
    "dora": ["Bob", "Charlie", "Dora"],
}


@pytest.mark.parametrize("reader", ADDRESSES_SEEN)
def test_a_teacher_sees_addresses_only_of_those_who_gave_them(request, everybody, members, api, reader):
    """Those who asked to join, those whom the teacher added by this address, and their own."""
    shown = emails_of(api(request.getfixturevalue(reader)).get(f"{members}?expand=user"))
    seen = ADDRESSES_SEEN[reader]
    assert shown == {name: f"{name.lower()}@example.org" if name in seen else None for name in EVERYBODY}


@pytest.mark.parametrize("reader", ADDRESSES_SEEN)
def test_a_search_finds_only_addresses_that_are_shown(request, everybody, members, api, reader):
    response = api(request.getfixturevalue(reader)).get(f"{members}?expand=user&search=example.org")
    assert names(response) == ADDRESSES_SEEN[reader]


def test_a_new_address_is_not_shown_to_the_teacher_who_knew_the_old_one(everybody, members, alice, admin, bob, api):
    for name in ("bob", "fay"):
        type(bob).objects.get(email=f"{name}@example.org").edit(Actor(admin), email=f"new-{name}@example.org")
    shown = emails_of(api(alice).get(f"{members}?expand=user"))
    assert (shown["Bob"], shown["Fay"]) == ("new-bob@example.org", None)


def test_an_enrolment_by_address_shows_the_address_and_one_by_id_does_not(
    algebra, members, alice, bob, charlie, known_to, api
):
    known_to(alice, bob, charlie)
    teacher = api(alice)
    teacher.post(members, {"email": "BOB@example.org", "role": "STUDENT"})
    teacher.post(members, {"user_id": charlie.pk, "role": "STUDENT"})
    shown = emails_of(teacher.get(f"{members}?expand=user"))
    assert (shown["Bob"], shown["Charlie"]) == ("bob@example.org", None)


NAMES_SEEN = {"PENDING": [], "REJECTED": [], "REMOVED": [], "APPROVED": ["Alice", "Dora", "Ed", "Fay", "Gus"]}


@pytest.mark.parametrize("status", NAMES_SEEN)
def test_names_are_for_approved_members_and_of_approved_members(
    request, everybody, algebra, members, make_user, api, join, status
):
    """Everybody else with a record sees the bare objects, and themselves."""
    zoe = make_user("Zoe")
    join(algebra, zoe, status)
    response = api(zoe).get(f"{members}?expand=user")
    shown = {user["display_name"]: user for user in people_of(response) if user}
    assert list(shown) == [*NAMES_SEEN[status], "Zoe"]
    assert {tuple(user) for user in shown.values()} == {("id", "display_name")}
    assert [row["status"] for row in response.json()["results"]][1:3] == ["PENDING", "REMOVED"]
    found = api(zoe).get(f"{members}?search=e").json()["results"]
    expected = [user["id"] for name, user in shown.items() if "e" in name.lower()]
    assert [row["user_id"] for row in found] == expected


@pytest.mark.parametrize("reader", ["alice", "admin"])
def test_expand_user_shows_addresses_to_users_who_manage_the_class(request, algebra, members, alice, api, reader):
    [row] = api(request.getfixturevalue(reader)).get(f"{members}?expand=user").json()["results"]
    assert row["user"] == {"id": alice.pk, "display_name": "Alice", "email": "alice@example.org"}


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_expand_user_shows_no_address_to_students(algebra, members, alice, bob, api, join, status):
    join(algebra, bob, status)
    hers = {"id": alice.pk, "display_name": "Alice"} if status == "APPROVED" else None
    assert people_of(api(bob).get(f"{members}?expand=user")) == [hers, {"id": bob.pk, "display_name": "Bob"}]


def test_a_teacher_who_was_removed_sees_nobody_else_any_more(algebra, members, alice, dora, api):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    assert people_of(api(dora).get(f"{members}?expand=user")) == [None, {"id": dora.pk, "display_name": "Dora"}]


def test_pages_contain_each_member_once_forwards_and_backwards(alice, algebra, members, api, crowd):
    everyone = [alice.pk, *(user.pk for user in crowd(algebra, 5))]
    teacher = api(alice)
    first = teacher.get(f"{members}?page_size=2").json()
    second = teacher.get(first["next"]).json()
    third = teacher.get(second["next"]).json()
    assert [[row["user_id"] for row in page["results"]] for page in (first, second, third)] == [
        everyone[:2],
        everyone[2:4],
        everyone[4:],
    ]
    assert (first["previous"], third["next"]) == (None, None)
    assert teacher.get(third["previous"]).json()["results"] == second["results"]


def test_a_page_has_twenty_members_by_default(alice, algebra, members, api, crowd):
    crowd(algebra, 30)
    assert len(api(alice).get(members).json()["results"]) == 20


# The key with its owner, the class with the caller's role, the page.
@pytest.mark.parametrize("rows", [1, 30])
@pytest.mark.parametrize("query", ["", "&expand=user"])
def test_takes_three_statements_for_any_number_of_rows(
    alice, algebra, members, api, crowd, django_assert_num_queries, rows, query
):
    crowd(algebra, rows - 1)
    teacher = api(alice)
    with django_assert_num_queries(3):
        response = teacher.get(f"{members}?page_size=100{query}")
    assert len(response.json()["results"]) == rows
