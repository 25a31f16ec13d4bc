"""`external_id` of classes: in their settings, unique for each creator, and a filter of the list."""

import pytest
from django.db import connection

from classes.models import Class
from classes.tests.expected import SETTINGS
from members.models import Membership
from members.tests.test_membership_indexes import plan
from tutorarc.domain.events import Actor
from tutorarc.testing.client import conflict, invalid, invalid_parameter, run_together, verdict
from tutorarc.testing.events import events_of
from tutorarc.tests.browser.browsing import FORM, HTML, form
from tutorarc.tests.db.large_tables import count_rows

TAKEN = conflict("external_id_taken", ("external_id", "external_id_taken"))


@pytest.fixture
def path(algebra):
    return f"/classes/{algebra.pk}/settings"


@pytest.fixture
def botany(alice):
    return Class.objects.create_with_teacher(Actor(alice), title="Botany")


def found(client, external_id):
    response = client.get("/classes", {"external_id": external_id})
    assert response.status_code == 200
    return [klass["id"] for klass in response.json()["results"]]


@pytest.mark.parametrize(("sent", "stored"), [(" sis-1 ", "sis-1"), ("x" * 128, "x" * 128), ("A\u030a-1", "Å-1")])
def test_a_teacher_sets_it_and_finds_the_class_by_it(api, alice, algebra, botany, path, sent, stored):
    client = api(alice)
    assert client.patch(path, {"external_id": sent}).json() == SETTINGS | {"external_id": stored}
    assert client.get(path).json()["external_id"] == stored
    assert [found(client, text) for text in (sent, stored[:-1], stored.swapcase())] == [[algebra.pk], [], []]
    assert "external_id" not in client.get(f"/classes/{algebra.pk}").json()


def test_its_event_tells_the_values(api, alice, algebra, path):
    for external_id in ("sis-1", "sis-2", None):
        api(alice).patch(path, {"external_id": external_id})
    assert [event.changes for event in events_of(algebra, "class.settings_changed")] == [
        {"external_id": [None, "sis-1"]},
        {"external_id": ["sis-1", "sis-2"]},
        {"external_id": ["sis-2", None]},
    ]


@pytest.mark.parametrize(
    ("external_id", "code"), [("", "blank"), ("x" * 129, "max_length"), (7, "invalid"), ("a\tb", "control_character")]
)
def test_a_wrong_value_is_400(api, alice, path, external_id, code):
    assert verdict(api(alice).patch(path, {"external_id": external_id})) == invalid("external_id", code)


def test_it_is_not_a_field_of_a_new_class(api, alice):
    body = {"title": "Algebra", "external_id": "sis-1"}
    assert verdict(api(alice).post("/classes", body)) == invalid("external_id", "unknown_field")


def test_a_second_class_of_the_creator_can_not_have_it(api, alice, admin, algebra, botany, path):
    client = api(alice)
    client.patch(path, {"external_id": "sis-1"})
    response = client.patch(f"/classes/{botany.pk}/settings", {"external_id": "sis-1", "room_url": "https://zoom.us/"})
    assert verdict(response) == TAKEN
    assert response.json()["error"]["details"][0]["id"] == algebra.pk
    assert client.get(f"/classes/{botany.pk}/settings").json() == SETTINGS
    assert client.patch(path, {"external_id": "sis-1"}).status_code == 200
    assert verdict(api(admin).patch(f"/classes/{botany.pk}/settings", {"external_id": "sis-1"})) == TAKEN


def test_a_class_of_another_creator_can(api, alice, dora, admin, algebra, path):
    other = Class.objects.create_with_teacher(Actor(dora), title="Zoology")
    for person, address in ((alice, path), (dora, f"/classes/{other.pk}/settings")):
        assert api(person).patch(address, {"external_id": "sis-1"}).status_code == 200
    assert [found(api(person), "sis-1") for person in (alice, dora, admin)] == [
        [algebra.pk],
        [other.pk],
        [other.pk, algebra.pk],
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_classes_at_the_same_time_one_has_it(api, alice, algebra, botany):
    def call(klass):
        client = api(alice)
        return lambda: client.patch(f"/classes/{klass.pk}/settings", {"external_id": "sis-1"})

    classes = (algebra, botany)
    answers = run_together([call(klass) for klass in classes])
    [winner] = [klass for klass, answer in zip(classes, answers, strict=True) if answer.status_code == 200]
    [refused] = [answer for answer in answers if answer.status_code != 200]
    assert (verdict(refused), refused.json()["error"]["details"][0]["id"]) == (TAKEN, winner.pk)


def test_the_filter_shows_no_class_that_the_list_hides(api, alice, bob, dora, algebra, join):
    algebra.change_settings(Actor(alice), external_id="sis-1")
    join(algebra, bob, "PENDING")
    assert [found(api(person), "sis-1") for person in (bob, dora)] == [[], []]
    Membership.objects.approve(algebra, [bob.pk], Actor(alice))
    assert found(api(bob), "sis-1") == [algebra.pk]


@pytest.mark.parametrize(("external_id", "code"), [("", "blank"), ("x" * 129, "max_length")])
def test_a_wrong_parameter_is_400(api, alice, external_id, code):
    response = api(alice).get("/classes", {"external_id": external_id})
    assert verdict(response) == invalid_parameter("external_id", code)


@pytest.mark.parametrize(("body", "statements"), [({"external_id": "sis-1"}, 10), ({"external_id": None}, 8)])
def test_what_it_costs(api, alice, algebra, path, body, statements, django_assert_num_queries):
    algebra.change_settings(Actor(alice), external_id="sis-0")
    client = api(alice)
    with django_assert_num_queries(statements):
        assert client.patch(path, body).status_code == 200


@pytest.mark.parametrize("is_admin", [True, False])
def test_one_is_found_by_its_index_among_many(alice, admin, is_admin):
    Class.objects.bulk_create(
        Class(title="C", class_code=f"C-{number}", external_id=f"sis-{number}", created_by=alice)
        for number in range(2_000)
    )
    count_rows()
    classes = Class.objects.filter(external_id="sis-7")
    rows = classes if is_admin else classes.filter(created_by=alice)
    assert "class_external_id_is_unique" in plan(rows.order_by("-pk")[:21])
    assert connection.vendor in ("postgresql", "sqlite")


def test_the_page_of_the_settings_changes_it_and_shows_whose_it_is(signed_in, alice, algebra, botany, path):
    browser = signed_in(alice)
    for klass, status in ((algebra, 200), (botany, 409)):
        sent = form(_method="PATCH", external_id="sis-1", room_url="", **{"initial-room_url": ""})
        page = browser.post(f"/classes/{klass.pk}/settings", sent, FORM, headers=HTML)
        assert page.status_code == status
    assert page.context["room"]["external_id"].errors == [f"{algebra.pk} has this external id."]
