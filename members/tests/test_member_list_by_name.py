"""GET /classes/{id}/members: search and order by name."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Membership
from tutorarc.db.keyset import Window
from tutorarc.domain.events import SYSTEM
from tutorarc.models import User
from tutorarc.testing.client import invalid_parameter, verdict
from tutorarc.tests.db.large_tables import count_rows

NAMES = ["Émile", "emma", "Jan Müller", "Łukasz", "Zoë", "Ёлкина", "Жукова"]


@pytest.fixture
def people(algebra, make_user, join):
    """Members with these names and Alice, in another order."""
    members = {}
    for number, name in enumerate(reversed(NAMES)):
        members[name] = make_user(f"Person{number}").edit(SYSTEM, display_name=name)
        join(algebra, members[name], "PENDING" if name == "emma" else "APPROVED")
    return members


@pytest.fixture
def names(api, alice, algebra):
    """Names on each page of Alice's list."""

    def read(link="", **query):
        client, pages = api(alice), []
        page = client.get(f"/classes/{algebra.pk}/members", {"expand": "user", **query}).json()
        while page:
            pages.append([row["user"]["display_name"] for row in page["results"]])
            page = page["next"] and client.get(page["next"].removeprefix("http://testserver")).json()
        return pages

    return read


@pytest.mark.parametrize(
    ("text", "found"),
    [("jan muller", "Jan Müller"), ("МУ", ""), ("елк", "Ёлкина"), ("LUKASZ", "Łukasz"), ("ÉM", "Émile emma")],
)
def test_search_ignores_case_and_accents(people, names, text, found):
    assert names(search=text, ordering="name") == [[name for name in NAMES if found and name in found]]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_members_are_ordered_by_name(people, names, size):
    expected = ["Alice", *NAMES]
    pages = names(ordering="name", page_size=size)
    assert pages == [expected[start : start + size] for start in range(0, len(expected), size)]


def test_filters_keep_the_order(people, names):
    expected = ["Alice", *(name for name in NAMES if name != "emma")]
    assert names(ordering="name", status="APPROVED", page_size=100) == [expected]


def test_pages_by_name_lead_back_too(people, api, alice, algebra):
    client = api(alice)
    first = client.get(f"/classes/{algebra.pk}/members?ordering=name&page_size=3").json()
    second = client.get(first["next"].removeprefix("http://testserver")).json()
    assert client.get(second["previous"].removeprefix("http://testserver")).json()["results"] == first["results"]


def test_a_new_name_changes_the_place_in_every_class(people, names, alice, algebra):
    people["Zoë"].edit(SYSTEM, display_name="Aaron")
    User.objects.edit_many({people["emma"].pk: {"display_name": "Xenia"}, alice.pk: {"is_staff": False}}, SYSTEM)
    assert names(ordering="name")[0][:2] + names(search="XENIA")[0] == ["Aaron", "Alice", "Xenia"]
    assert names(search="zoe") == [[]]


@pytest.mark.parametrize(("changes", "writes"), [({"global_role": "TEACHER"}, 0), ({"display_name": "Zora"}, 1)])
def test_only_a_new_name_is_written_to_the_memberships(people, changes, writes):
    with CaptureQueriesContext(connection) as sent:
        people["Zoë"].edit(SYSTEM, **changes)
    assert sum(query["sql"].startswith('UPDATE "members_membership"') for query in sent) == writes


@pytest.mark.parametrize(
    ("reader", "seen"),
    [("Zoë", ["Alice", *(name for name in NAMES if name != "emma")]), ("emma", ["emma"])],
)
def test_only_people_whose_names_the_caller_may_read_are_listed(people, api, algebra, reader, seen):
    names = {person.pk: name for name, person in people.items()}
    rows = api(people[reader]).get(f"/classes/{algebra.pk}/members?ordering=name").json()["results"]
    assert [names.get(row["user_id"], "Alice") for row in rows] == seen


@pytest.mark.parametrize("ordering", ["-name", "joined_at", "folded_name"])
def test_another_order_is_refused(api, alice, algebra, ordering):
    response = api(alice).get(f"/classes/{algebra.pk}/members?ordering={ordering}")
    assert verdict(response) == invalid_parameter("ordering", "invalid_choice")


def test_a_page_costs_as_many_queries_as_in_the_order_of_joining(
    people, api, alice, algebra, django_assert_num_queries
):
    client = api(alice)
    first = client.get(f"/classes/{algebra.pk}/members?ordering=name&page_size=3").json()
    with django_assert_num_queries(3):
        client.get(first["next"].removeprefix("http://testserver"))


def test_a_page_is_one_range_of_an_index(algebra, crowd):
    crowd(algebra, 2_000)
    count_rows()
    plan = (
        Window(("folded_name", "pk"), False, 20, ("approved 500", 1))
        .cut(Membership.objects.filter(klass=algebra))
        .explain()
    )
    assert "members_by_name" in plan
    assert ("Sort" in plan, "TEMP B-TREE" in plan) == (False, False)
    bound = {"postgresql": "folded_name >= ", "sqlite": "folded_name>?"}[connection.vendor]
    assert bound in plan


def test_a_name_of_any_letters_can_be_indexed(make_user, algebra, join):
    person = make_user("Long").edit(SYSTEM, display_name="﷽" * 200)
    join(algebra, person)
    assert len(Membership.objects.get(user=person).folded_name) == 200
