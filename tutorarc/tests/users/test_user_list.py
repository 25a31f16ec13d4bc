import pytest

from members.tests.test_membership_indexes import plan
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.testing.client import forbidden, invalid_parameter, verdict
from tutorarc.tests.db.large_tables import count_rows
from tutorarc.tests.users.expected import shown


def names(response):
    assert response.status_code == 200
    return [user["display_name"] for user in response.json()["results"]]


def test_a_list_is_a_page_of_all_users_newest_first(api, bob, alice, admin):
    alice.edit(SYSTEM, external_id="sis-1", time_zone="Europe/Berlin")
    assert api(admin).get("/users").json() == {
        "next": None,
        "previous": None,
        "results": [
            shown(admin),
            shown(alice, external_id="sis-1", time_zone="Europe/Berlin"),
            shown(bob),
        ],
    }


@pytest.mark.parametrize("person", ["bob", "alice"])
def test_students_and_teachers_see_nobody(api, request, person):
    assert verdict(api(request.getfixturevalue(person)).get("/users")) == forbidden("wrong_role")


def test_a_key_needs_the_scope_to_read(api, admin):
    assert verdict(api(admin, scopes=["users:write"]).get("/users")) == forbidden("missing_scope")


def test_a_page_goes_on_where_the_one_before_ended(api, admin, bob, alice):
    client = api(admin)
    first = client.get("/users?page_size=2")
    assert names(first) == [user.display_name for user in User.objects.order_by("-pk")[:2]]
    assert names(client.get(first.json()["next"])) == [User.objects.earliest("pk").display_name]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("email=BOB@Example.org", ["Bob"]),
        ("email=bob@example.or", []),
        ("external_id=sis-1", ["Bob"]),
        ("external_id=SIS-1", []),
        ("global_role=TEACHER", ["Dora", "Alice"]),
        ("status=DEACTIVATED", ["Dora"]),
        ("status=ACTIVE&global_role=TEACHER", ["Alice"]),
        ("search=ALÍC", ["Alice"]),
        ("search=bob@", ["Bob"]),
        ("search=nobody", []),
    ],
)
def test_filters_narrow_the_list(api, admin, alice, bob, dora, query, found):
    bob.edit(SYSTEM, external_id="sis-1")
    dora.edit(SYSTEM, is_active=False)
    assert names(api(admin).get(f"/users?{query}")) == found


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("status=GONE", "status", "invalid_choice"),
        ("global_role=KING", "global_role", "invalid_choice"),
        ("email=", "email", "blank"),
        ("external_id=", "external_id", "blank"),
        (f"external_id={'x' * 129}", "external_id", "max_length"),
        ("externalId=1", "externalId", "unknown_parameter"),
        ("ordering=name", "ordering", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_is_named(api, admin, query, name, code):
    assert verdict(api(admin).get(f"/users?{query}")) == invalid_parameter(name, code)


@pytest.mark.parametrize("query", ["", "?global_role=STUDENT", "?status=ACTIVE", "?search=person"])
@pytest.mark.parametrize("count", [1, 30])
def test_a_page_is_two_statements(api, admin, make_user, django_assert_num_queries, query, count):
    for number in range(count):
        make_user(f"Person{number}")
    client = api(admin)
    client.get(f"/users{query}")
    with django_assert_num_queries(2):
        client.get(f"/users{query}")


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"global_role": "ADMIN"}, "users_by_role"),
        ({"is_active": False}, "users_deactivated"),
        ({"external_id": "sis-p7"}, "user_external_id_is_unique"),
    ],
)
def test_a_rare_value_is_read_from_an_index(admin, where, index):
    names = [f"p{number}" for number in range(2_000)]
    people = [User(email=f"{name}@example.org", display_name=name, external_id=f"sis-{name}") for name in names]
    User.objects.bulk_create(people)
    count_rows()
    assert index in plan(User.objects.filter(**where).order_by("-pk")[:21])
