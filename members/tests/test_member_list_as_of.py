"""GET /classes/{id}/members?as_of="""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from classes.models import Class
from members.models import Membership
from tutorarc.domain.clock import datetime_text
from tutorarc.domain.events import Actor
from tutorarc.models import Event, User
from tutorarc.testing.client import forbidden, invalid_parameter, verdict
from tutorarc.tests.browser.browsing import HTML
from tutorarc.tests.feed.events import date_newest, forget_events, write_event

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def at(hours):
    """A time of the story, as the API writes it."""
    return (NOON + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


@pytest.fixture(autouse=True)
def _one_event_tells_where_others_are(monkeypatch):
    monkeypatch.setattr("tutorarc.models.event_queryset.SAMPLE", 1)


@pytest.fixture
def story(alice, bob, charlie, make_user):
    """A class that Alice created at noon, and what happened in each hour since."""
    pia = make_user("Pia")
    forget_events()
    klass = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    date_newest(2, NOON)
    members, teacher = Membership.objects, Actor(alice)
    happened = [
        lambda: members.request(klass, klass.class_code, Actor(bob)),
        lambda: members.request(klass, klass.class_code, Actor(charlie)),
        lambda: members.approve(klass, [bob.pk], teacher),
        lambda: members.reject(klass, [charlie.pk], teacher),
        lambda: members.enrol(klass, pia, "STUDENT", teacher),
        lambda: members.remove(klass, bob.pk, teacher),
        lambda: members.reopen(klass, [bob.pk], teacher),
    ]
    for hours, verb in enumerate(happened, 1):
        verb()
        date_newest(1, NOON + timedelta(hours=hours))
    return klass


def rows(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def statuses(response):
    return [(row["user"]["display_name"], row["status"]) for row in rows(response)]


ROSTERS = {
    -1: [],
    0: ["Alice APPROVED"],
    0.5: ["Alice APPROVED"],
    1: ["Alice APPROVED", "Bob PENDING"],
    2: ["Alice APPROVED", "Bob PENDING", "Charlie PENDING"],
    3: ["Alice APPROVED", "Bob APPROVED", "Charlie PENDING"],
    4: ["Alice APPROVED", "Bob APPROVED", "Charlie REJECTED"],
    5: ["Alice APPROVED", "Bob APPROVED", "Charlie REJECTED", "Pia APPROVED"],
    6: ["Alice APPROVED", "Bob REMOVED", "Charlie REJECTED", "Pia APPROVED"],
    7: ["Alice APPROVED", "Bob PENDING", "Charlie REJECTED", "Pia APPROVED"],
    24 * 365: ["Alice APPROVED", "Bob PENDING", "Charlie REJECTED", "Pia APPROVED"],
}


@pytest.mark.parametrize("hours", ROSTERS)
def test_shows_the_roster_as_it_was(story, alice, api, hours):
    answer = api(alice).get(f"/classes/{story.pk}/members", {"as_of": at(hours), "expand": "user"})
    assert [" ".join(row) for row in statuses(answer)] == ROSTERS[hours]


def test_a_past_row_has_the_fields_of_a_membership(story, alice, bob, api):
    [_, row] = rows(api(alice).get(f"/classes/{story.pk}/members", {"as_of": at(1)}))
    assert row == {
        "user_id": bob.pk,
        "class_id": story.pk,
        "role": "STUDENT",
        "status": "PENDING",
        "joined_at": None,
    }


@pytest.mark.parametrize("query", [{}, {"expand": "user"}])
def test_the_roster_as_of_now_is_the_list(story, alice, api, query):
    client, path = api(alice), f"/classes/{story.pk}/members"
    now = client.get(path, query).json()
    assert client.get(path, {**query, "as_of": datetime_text(timezone.now())}).json() == now
    assert client.get(path, {**query, "as_of": "9999-12-31T23:59:59Z"}).json() == now


def test_roles_are_those_of_then(dora, story, alice, api):
    Membership.objects.enrol(story, dora, "STUDENT", Actor(alice))
    date_newest(1, NOON + timedelta(days=1))
    Membership.objects.change_role(story, dora.pk, "TEACHER", Actor(alice))
    date_newest(1, NOON + timedelta(days=2))
    for days, role in ((1, "STUDENT"), (2, "TEACHER")):
        answer = api(alice).get(f"/classes/{story.pk}/members", {"as_of": at(24 * days)})
        assert [row["role"] for row in rows(answer) if row["user_id"] == dora.pk] == [role]


def test_names_are_those_of_now(story, alice, bob, api):
    User.objects.filter(pk=bob.pk).update(display_name="Robert")
    answer = api(alice).get(f"/classes/{story.pk}/members", {"as_of": at(3), "expand": "user"})
    assert statuses(answer)[1] == ("Robert", "APPROVED")


def test_addresses_are_shown_to_those_who_may_see_them_now(story, alice, admin, bob, api):
    path, query = f"/classes/{story.pk}/members", {"as_of": at(5), "expand": "user"}
    emails = {
        who: [row["user"].get("email") for row in rows(api(user).get(path, query))]
        for who, user in {"alice": alice, "admin": admin}.items()
    }
    assert emails == {
        "alice": ["alice@example.org", "bob@example.org", "charlie@example.org", None],
        "admin": ["alice@example.org", "bob@example.org", "charlie@example.org", "pia@example.org"],
    }


def test_a_withdrawn_request_is_in_the_roster_until_it_was_withdrawn(story, alice, bob, api):
    request = Event.objects.get(type="membership.requested", user_id=bob.pk)
    of_bob = {"object_id": request.object_id, "user_id": bob.pk, "data": request.data}
    write_event("membership.withdrawn", story, at=NOON + timedelta(hours=8), **of_bob)
    client = api(alice)
    for hours, names in ((7, ["Alice", "Bob", "Charlie", "Pia"]), (8, ["Alice", "Charlie", "Pia"])):
        answer = client.get(f"/classes/{story.pk}/members", {"as_of": at(hours), "expand": "user"})
        assert [name for name, _ in statuses(answer)] == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"status": "APPROVED"}, ["Alice", "Bob", "Pia"]),
        ({"status": "REJECTED"}, ["Charlie"]),
        ({"status": "PENDING"}, []),
        ({"role": "TEACHER"}, ["Alice"]),
        ({"role": "STUDENT", "status": "APPROVED"}, ["Bob", "Pia"]),
    ],
)
def test_it_can_be_filtered_by_status_and_role_of_then(story, alice, api, query, names):
    answer = api(alice).get(f"/classes/{story.pk}/members", {"as_of": at(5), "expand": "user", **query})
    assert [name for name, _ in statuses(answer)] == names


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_its_pages_show_everybody_once(story, alice, api, size):
    client = api(alice)
    link, sizes, names = f"/classes/{story.pk}/members?as_of={at(7)}&page_size={size}&expand=user", [], []
    while link:
        answer = client.get(link.removeprefix("http://testserver"))
        names += [name for name, _ in statuses(answer)]
        sizes.append(len(answer.json()["results"]))
        last, link = answer, answer.json()["next"]
    assert names == ["Alice", "Bob", "Charlie", "Pia"]
    assert sizes == [size] * (4 // size) + [4 % size] * (4 % size > 0)
    if previous := last.json()["previous"]:
        before = statuses(client.get(previous.removeprefix("http://testserver")))
        assert [name for name, _ in before] == names[: -sizes[-1]][-size:]


@pytest.mark.parametrize("looked_at", [1, 2, 3])
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=REJECTED", ["Charlie"]),
        ("status=APPROVED", ["Alice", "Bob", "Pia"]),
        ("role=TEACHER", ["Alice"]),
        ("status=PENDING", []),
    ],
)
def test_a_filtered_page_looks_at_a_limited_number_of_memberships(
    story, alice, api, monkeypatch, looked_at, query, names
):
    """So it may be short or empty, and its links lead on in both directions."""
    monkeypatch.setattr("members.views.roster.LOOKED_AT", looked_at)
    client = api(alice)

    def follow(link, direction):
        found, pages = [], []
        while link:
            pages.append(link)
            answer = client.get(link.removeprefix("http://testserver"))
            found.append([name for name, _ in statuses(answer)])
            link = answer.json()[direction]
        return pages, found

    pages, found = follow(f"/classes/{story.pk}/members?as_of={at(5)}&page_size=2&expand=user&{query}", "next")
    assert ([name for page in found for name in page], len(pages)) == (names, len(found))
    assert all(len(page) <= looked_at for page in found)
    _, back = follow(pages[-1], "previous")
    assert [name for page in reversed(back) for name in page] == names


def test_a_class_without_events_before_it_has_no_roster(alice, algebra, crowd, api):
    crowd(algebra, 2)
    forget_events()
    assert rows(api(alice).get(f"/classes/{algebra.pk}/members?as_of={at(0)}")) == []


# Who may


def test_an_admin_may_read_it(story, admin, api):
    assert len(rows(api(admin).get(f"/classes/{story.pk}/members?as_of={at(5)}"))) == 4


def test_others_may_not_read_it(story, bob, dora, charlie, make_user, api):
    path = f"/classes/{story.pk}/members?as_of={at(5)}"
    Membership.objects.approve(story, [bob.pk], Actor(story.created_by))
    assert verdict(api(bob).get(path)) == forbidden("wrong_role")
    assert verdict(api(charlie).get(path)) == forbidden("not_a_member")
    assert verdict(api(dora).get(path)) == forbidden("not_a_member")


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("as_of=", "as_of", "blank"),
        ("as_of=yesterday", "as_of", "invalid"),
        ("as_of=2026-03-14", "as_of", "invalid"),
        ("as_of=2026-03-14T12:00:00Z&search=bob", "search", "invalid"),
        ("as_of=2026-03-14T12:00:00Z&ordering=name", "ordering", "invalid"),
        ("as_of=2026-03-14T12:00:00Z&status=GONE", "status", "invalid_choice"),
        ("as_of=2026-03-14T12:00:00Z&as_of=2026-03-14T12:00:00Z", "as_of", "repeated_parameter"),
        ("as_of=2026-03-14T12:00:00Z&cursor=x", "cursor", "invalid"),
        ("as_of=2026-03-14T12:00:00Z&state=x", "state", "unknown_parameter"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(story, alice, api, query, name, code):
    assert verdict(api(alice).get(f"/classes/{story.pk}/members?{query}")) == invalid_parameter(name, code)


def test_a_cursor_of_the_present_list_is_refused(story, alice, api):
    client, path = api(alice), f"/classes/{story.pk}/members"
    cursor = client.get(f"{path}?page_size=1").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert verdict(client.get(f"{path}?as_of={at(5)}&cursor={cursor}")) == invalid_parameter("cursor")


# Cost


@pytest.mark.parametrize(("query", "statements"), [("", 5), ("&status=APPROVED", 6), ("&expand=user", 7)])
@pytest.mark.parametrize("people", [1, 30])
def test_a_page_costs_a_fixed_number_of_statements(
    story, alice, make_user, api, django_assert_num_queries, people, query, statements
):
    users = [make_user(f"P{number}") for number in range(people)]
    for user in users:
        Membership.objects.enrol(story, user, "STUDENT", Actor(alice))
    client = api(alice)
    path = f"/classes/{story.pk}/members?as_of=9999-01-01T00:00:00Z{query}"
    client.get(path)  # gives the positions
    with django_assert_num_queries(statements):
        client.get(path)


# The page


def test_a_teacher_can_look_at_it_on_the_page_and_change_nothing(story, alice, signed_in):
    page = signed_in(alice).get(f"/classes/{story.pk}/members?as_of={at(5)}", headers=HTML).content.decode()
    assert "As they were then" in page
    assert [text in page for text in ("Charlie", "Pia", "members/remove")] == [True, True, False]


def test_a_student_is_not_offered_it(story, bob, signed_in):
    Membership.objects.approve(story, [bob.pk], Actor(story.created_by))
    page = signed_in(bob).get(f"/classes/{story.pk}/members", headers=HTML).content.decode()
    assert ("Bob" in page, "as_of" in page.partition('<details class="developers"')[0]) == (True, False)
