"""GET /classes/{id}/members"""

import pytest

from members.tests.expected import membership
from tutorarc.domain.history import Actor
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
        ("ordering=-joined_at", "ordering", "unknown_parameter"),
        ("expand=class", "expand", "invalid"),
        ("page_size=0", "page_size", "invalid"),
        ("page_size=101", "page_size", "invalid"),
        ("cursor=nonsense", "cursor", "invalid"),
        ("role=STUDENT&role=TEACHER", "role", "repeated_parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(alice, members, api, query, name, code):
    assert verdict(api(alice).get(f"{members}?{query}")) == invalid_parameter(name, code)


@pytest.mark.parametrize("reader", ["alice", "admin"])
def test_expand_user_shows_addresses_to_users_who_manage_the_class(request, algebra, members, alice, api, reader):
    [row] = api(request.getfixturevalue(reader)).get(f"{members}?expand=user").json()["results"]
    assert row["user"] == {"id": alice.pk, "display_name": "Alice", "email": "alice@example.org"}


@pytest.mark.parametrize("status", ["PENDING", "APPROVED", "REJECTED", "REMOVED"])
def test_expand_user_shows_no_address_to_students(algebra, members, alice, bob, api, join, status):
    join(algebra, bob, status)
    rows = api(bob).get(f"{members}?expand=user").json()["results"]
    assert [row["user"] for row in rows] == [
        {"id": alice.pk, "display_name": "Alice"},
        {"id": bob.pk, "display_name": "Bob"},
    ]


def test_a_teacher_who_was_removed_sees_no_address_any_more(algebra, members, alice, dora, api):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    algebra.memberships.remove(algebra, dora.pk, Actor(alice))
    rows = api(dora).get(f"{members}?expand=user").json()["results"]
    assert [list(row["user"]) for row in rows] == [["id", "display_name"]] * 2


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
