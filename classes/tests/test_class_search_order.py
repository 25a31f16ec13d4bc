"""GET /classes: search and order without case and accents, in every script."""

from unicodedata import normalize

import pytest

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.testing.events import events_of


@pytest.fixture
def titles(api, alice):
    def read(**query):
        return [row["title"] for row in api(alice).get("/classes", query).json()["results"]]

    return read


@pytest.fixture
def make_class(alice):
    def make(*titles, description=""):
        return [
            Class.objects.create_with_teacher(Actor(alice), title=title, description=description) for title in titles
        ]

    return make


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Алгебра 8", "алгебра"),
        ("алгебра 8", "АЛГЕБРА"),
        ("Élan vital", "elan"),
        ("Elan vital", "ÉLAN"),
        ("Jose\u0301", "jos\u00e9"),
        ("Jos\u00e9", "jose\u0301"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("ΦΥΣΙΚΉ", "φυσικη"),
        ("O’Brien", "o'brien"),
        ("100% Math_1", "100% math_1"),
    ],
)
def test_search_ignores_case_and_accents(titles, make_class, title, text):
    make_class(title, "Other")
    assert titles(search=text) == [normalize("NFC", title)]


def test_search_finds_descriptions_likewise(titles, make_class):
    make_class("A", description="Введение в Алгебру")
    make_class("B")
    assert titles(search="алгебру") == ["A"]


def test_search_finds_what_a_change_of_the_title_made_of_it(titles, make_class, alice):
    [klass] = make_class("Algebra")
    klass.edit(Actor(alice), title="Алгебра", description="Ёлка")
    assert [titles(search=text) for text in ("algebra", "АЛГЕБРА", "елка")] == [[], ["Алгебра"], ["Алгебра"]]


def test_a_wildcard_is_plain_text(titles, make_class):
    make_class("100 %", "1000")
    assert [titles(search=text) for text in ("%", "_", "00 %")] == [["100 %"], [], ["100 %"]]


SORTED = ["2 Ways", "10 Ways", "apple", "Banana", "élan", "Öl", "zebra", "Дом", "ёлка", "Жук"]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_titles_sort_as_people_sort_them(api, alice, titles, make_class, size):
    make_class(*sorted(SORTED))
    client, found = api(alice), []
    page = client.get("/classes", {"ordering": "title", "page_size": size}).json()
    while page:
        found += [row["title"] for row in page["results"]]
        page = page["next"] and client.get(page["next"].removeprefix("http://testserver")).json()
    assert found == SORTED
    assert titles(ordering="-title") == SORTED[::-1]


def test_events_tell_no_folded_text(algebra):
    [event] = events_of(algebra)
    assert (event.data.keys() | event.changes.keys()).isdisjoint({"folded_title", "folded_description", "title_key"})
