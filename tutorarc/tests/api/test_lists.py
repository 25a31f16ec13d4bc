import base64
from datetime import timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from tutorarc.domain.events import Actor
from tutorarc.testing.client import invalid_parameter, verdict
from tutorarc.tests.api.pages import ids, walk

ORDERINGS = ["", "created_at", "-created_at", "title", "-title"]
TITLES = ["b", "a", "B", "a", "a", "é", "z"]


@pytest.mark.parametrize("size", range(1, len(TITLES) + 2))
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_following_pages_gives_every_row_once_forwards_and_backwards(get, make_class, ordering, size):
    make_class(*TITLES)
    query = {"ordering": ordering} if ordering else {}
    whole = get("/classes", page_size=100, **query)
    there = walk(get, get("/classes", page_size=size, **query), "next")
    back = walk(get, there[-1], "previous")
    assert len(whole["results"]) == len(TITLES)
    assert [row for page in there for row in ids(page)] == ids(whole)
    assert [ids(page) for page in reversed(back)] == [ids(page) for page in there]
    assert all(len(page["results"]) == size for page in there[:-1])
    assert (there[0]["previous"], there[-1]["next"], back[-1]["previous"]) == (None, None, None)


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_each_ordering_sorts_as_named(get, make_class, ordering):
    make_class("c", "a", "b")
    rows = get("/classes", **({"ordering": ordering} if ordering else {}))["results"]
    key = "title" if "title" in ordering else "id"
    ascending = sorted(rows, key=lambda row: row[key])
    assert rows == (ascending if ordering in ("created_at", "title") else ascending[::-1])


def test_rows_with_one_title_are_ordered_by_creation(get, make_class):
    made = [klass.pk for klass in make_class("same", "same", "same")]
    assert ids(get("/classes", ordering="title")) == made
    assert ids(get("/classes", ordering="-title")) == made[::-1]


@pytest.mark.parametrize("ordering", ["created_at", "-created_at", "title", "-title"])
def test_rows_created_between_two_pages_neither_repeat_nor_hide_others(get, make_class, ordering):
    before = {klass.pk for klass in make_class("b", "d", "f", "h")}
    first = get("/classes", ordering=ordering, page_size=2)
    make_class("a", "c", "e", "g", "i")
    rest = walk(get, first, "next")
    seen = [row for page in rest for row in ids(page)]
    assert before <= set(seen)
    assert len(seen) == len(set(seen))


def test_newer_rows_are_on_the_previous_page(get, make_class):
    make_class("1", "2", "3")
    second = get(get("/classes", page_size=2)["next"])
    [newer] = make_class("4")
    back = walk(get, second, "previous")
    assert newer.pk in [row for page in back for row in ids(page)]


def test_a_row_deleted_between_two_pages_hides_no_other(get, make_class, alice):
    classes = make_class("1", "2", "3", "4")
    first = get("/classes", page_size=2, status="ACTIVE")
    classes[2].archive(Actor(alice))  # the row that the cursor stands on
    assert ids(get(first["next"])) == [classes[1].pk, classes[0].pk]


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_links_keep_filters_ordering_and_page_size(get, make_class, ordering):
    make_class("oox 1", "y", "oox 2", "oox 3")  # no code has an O in its random part
    sent = {"search": "oox", "status": "ACTIVE", "page_size": "1", "created_after": "2020-01-01T00:00:00+01:00"}
    sent |= {"ordering": ordering} if ordering else {}
    pages = walk(get, get("/classes", **sent), "next")
    pages += walk(get, pages[-1], "previous")
    for link in filter(None, (page[side] for page in pages for side in ("next", "previous"))):
        kept = {name: values for name, values in parse_qs(urlsplit(link).query).items() if name != "cursor"}
        assert kept == {name: [value] for name, value in sent.items()}
    assert {row["title"] for page in pages for row in page["results"]} == {"oox 1", "oox 2", "oox 3"}


def test_a_page_has_twenty_rows_by_default_and_links_are_absolute(get, make_class):
    make_class(*["x"] * 21)
    page = get("/classes")
    assert len(page["results"]) == 20
    assert page["next"].startswith("http://testserver/api/v1/classes?cursor=")
    assert page["previous"] is None
    assert len(get(page["next"])["results"]) == 1


def test_a_last_page_that_is_full_has_no_next(get, make_class):
    make_class("1", "2")
    assert get("/classes", page_size=2)["next"] is None


def cursor_of(link):
    return parse_qs(urlsplit(link).query)["cursor"][0]


@pytest.mark.parametrize("theirs", ["created_at", "-created_at", "title", "-title"])
@pytest.mark.parametrize("ours", ["created_at", "-created_at", "title", "-title"])
def test_a_cursor_is_valid_for_its_own_ordering_only(api, alice, make_class, get, theirs, ours):
    make_class("1", "2")
    cursor = cursor_of(get("/classes", page_size=1, ordering=theirs)["next"])
    response = api(alice).get("/classes", {"ordering": ours, "cursor": cursor})
    if theirs == ours:
        assert response.status_code == 200
    else:
        assert verdict(response) == invalid_parameter("cursor")


def test_a_cursor_of_another_list_is_refused(api, alice, algebra, get, crowd):
    crowd(algebra, 1)
    cursor = cursor_of(get(f"/classes/{algebra.pk}/members", page_size=1)["next"])
    response = api(alice).get("/classes", {"ordering": "created_at", "cursor": cursor})
    assert verdict(response) == invalid_parameter("cursor")


def packed(value):
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


CLASS_ID = "cls_01m80s34are5wtgrqwq5y5grjf"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "!!!",
        "é",
        "%00",
        "=" * 10,
        "A" * 5000,
        packed(None),
        packed(7),
        packed([]),
        packed({}),
        packed("abcd"),
        packed([["pk"], True, False]),
        packed([["pk"], True, False, []]),
        packed([["pk"], True, False, None]),
        packed([["pk"], True, False, 7]),
        packed([["pk"], True, False, [None]]),
        packed([["pk"], True, False, [7]]),
        packed([["pk"], True, False, ["usr_01m80s34are5wtgrqwq5y5grjf"]]),
        packed([["pk"], True, False, [["x"]]]),
        packed([["pk"], True, False, [{}]]),
        packed([["pk"], True, False, [CLASS_ID, CLASS_ID]]),
        packed([["pk"], 1, False, [CLASS_ID]]),
        packed([["pk"], True, False, [CLASS_ID], 1]),
        packed([["pk"], True, False, [CLASS_ID], False]),
        packed([["pk"], True, False, [CLASS_ID], True, True]),
        packed([["pk"], False, False, [CLASS_ID]]),
        packed(["pk", True, False, [CLASS_ID]]),
        packed([["title_key"], True, False, [CLASS_ID]]),
        packed([["password"], True, False, [CLASS_ID]]),
        packed({"a": 1, "b": 2, "c": 3, "d": 4}),
        base64.urlsafe_b64encode(b"[" * 3000).decode(),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_forged_cursor_is_refused(api, alice, cursor):
    assert verdict(api(alice).get(f"/classes?cursor={cursor}")) == invalid_parameter("cursor")


@pytest.mark.parametrize("title", [None, "\0", ["x"] * 100, {}])
def test_a_cursor_with_an_unknown_title_is_refused(api, alice, title):
    cursor = packed([["title_key", "pk"], False, False, [title, CLASS_ID]])
    assert verdict(api(alice).get(f"/classes?ordering=title&cursor={cursor}")) == invalid_parameter("cursor")


def test_a_cursor_never_shows_a_class_the_user_may_not_see(api, bob, make_class, get):
    make_class("1", "2")
    cursor = cursor_of(get("/classes", page_size=1)["next"])
    assert api(bob).get("/classes", {"cursor": cursor}).json()["results"] == []


def test_ids_created_later_sort_later(make_class):
    classes = make_class("1", "2", "3")
    assert all(earlier.pk < later.pk for earlier, later in pairwise(classes))
    assert all(earlier.created_at <= later.created_at for earlier, later in pairwise(classes))
    assert classes[2].created_at - classes[0].created_at < timedelta(minutes=1)
