"""The history pages of the admin site: actor, change, time, credential, and values before and after."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.html import strip_tags

from apikeys.models import ApiKey
from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.staff.history_timeline import PAGE, page_of
from tutorarc.testing.events import types_of
from tutorarc.tests.staff.admin_site import Site

KIND = "classes_class"

PASSWORD = "a-long-unusual-phrase-7"


def history_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_history", args=[row.pk])


def entries(page):
    """The lines of a history page: who, what, the changes, with what."""
    return [
        (
            line.actor and line.actor.text,
            "".join(part.text for part in line.sentence),
            [(change.field, change.before, change.after) for change in line.entry.changes],
            line.key and line.key.text,
        )
        for line in page.context["lines"]
    ]


def what(page):
    return [(who, words) for who, words, _, _ in entries(page)]


# In words


def test_the_history_of_a_class_includes_members_and_sessions_newest_first(site, algebra, alice, bob, join, schedule):
    join(algebra, bob, "REMOVED")
    schedule(klass=algebra, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC)).cancel(Actor(alice))
    algebra.edit(Actor(alice), title="Algebra 2")
    assert entries(site.get(history_of(algebra))) == [
        ("Alice", "edited Algebra 2", [("title", "Algebra", "Algebra 2")], None),
        ("Alice", "cancelled Introduction to Calculus", [("status", "SCHEDULED", "CANCELLED")], None),
        (
            "Alice",
            "scheduled Introduction to Calculus",
            [
                ("status", "", "SCHEDULED"),
                ("title", "", "Introduction to Calculus"),
                ("start time", "", "20 Mar 2036, 10:00 UTC"),
                ("duration", "", "60"),
                ("strict", "", "yes"),
                ("teacher id", "", "teacher_123"),
            ],
            None,
        ),
        ("Alice", "removed Bob from Algebra 2", [("status", "APPROVED", "REMOVED")], None),
        ("Alice", "approved Bob in Algebra 2", [("status", "PENDING", "APPROVED")], None),
        ("Bob", "asked to join Algebra 2", [("status", "", "PENDING"), ("role", "", "STUDENT")], None),
        (
            "Alice",
            "made Alice the first teacher of Algebra 2",
            [("status", "", "APPROVED"), ("role", "", "TEACHER")],
            None,
        ),
        (
            "Alice",
            "created Algebra 2",
            [
                ("status", "", "ACTIVE"),
                ("title", "", "Algebra"),
                ("description", "", "Groups, rings, fields."),
                ("class code", "", algebra.class_code),
            ],
            None,
        ),
    ]


def test_the_api_key_of_a_change_is_named_and_linked(site, algebra, alice, bob, api, join):
    join(algebra, bob, "PENDING")
    api(alice, name="Timetable").post(f"/classes/{algebra.pk}/members/approve", {"user_ids": [bob.pk]})
    key = ApiKey.objects.get()
    page = site.get(history_of(algebra))
    assert entries(page)[0] == (
        "Alice",
        "approved Bob in Algebra",
        [("status", "PENDING", "APPROVED")],
        f"Timetable ({key.hint})",
    )
    assert page.context["lines"][0].key.address == reverse("admin:apikeys_apikey_change", args=[key.pk])


def test_the_history_of_a_membership_shows_the_previous_role(site, algebra, dora, root):
    member = Membership.objects.enrol(algebra, dora, "STUDENT", Actor(root))
    Membership.objects.change_role(algebra, dora.pk, "TEACHER", Actor(root))
    Membership.objects.change_role(algebra, dora.pk, "STUDENT", Actor(root))
    changes = [changes for _, _, changes, _ in entries(site.get(history_of(member)))]
    assert changes == [
        [("role", "TEACHER", "STUDENT")],
        [("role", "STUDENT", "TEACHER")],
        [("status", "", "APPROVED"), ("role", "", "STUDENT")],
    ]


def test_the_history_of_a_key_shows_who_issued_rotated_and_revoked_it(site, alice, root):
    key, _ = ApiKey.objects.issue(alice, Actor(alice), name="Sync")
    key.rotate(Actor(alice), timedelta(hours=1))
    key.revoke(Actor(root))
    name = f"Sync ({key.hint})"
    assert what(site.get(history_of(key))) == [
        ("Root", f"revoked {name} of Alice"),
        ("Alice", f"rotated {name} of Alice"),
        ("Alice", f"issued {name} to Alice"),
    ]


def test_the_history_of_a_person_shows_changes_to_them_and_by_them_once(site, algebra, bob, root, join):
    join(algebra, bob)
    bob.edit(Actor(root), display_name="Robert")
    bob.change_password(Actor(bob), PASSWORD)
    assert what(site.get(history_of(bob))) == [
        ("Robert", "set a password for Robert"),
        ("Root", "edited Robert"),
        ("Alice", "approved Robert in Algebra"),
        ("Robert", "asked to join Algebra"),
        (None, "added Robert"),
    ]


def test_the_history_of_a_session_shows_when_it_was_rescheduled(site, schedule, alice):
    session = schedule(strict=False)
    session.reschedule(Actor(alice), duration=90)
    assert entries(site.get(history_of(session)))[0] == (
        "Alice",
        "changed Introduction to Calculus",
        [("duration", "60", "90")],
        None,
    )


def test_the_page_says_with_which_credential(site, algebra, bob):
    bob.edit(SYSTEM, display_name="Robert")
    text = re.sub(r"\s+", " ", strip_tags(site.get(history_of(bob)).content.decode()))
    assert "The system edited Robert display name: Bob → Robert a command" in text
    assert "signed in" in strip_tags(site.get(history_of(algebra)).content.decode())


def test_a_verb_without_a_phrase_is_shown_too(site, bob, root):
    Event.objects.filter(user_id=bob.pk).update(type="user.sent_away")
    assert what(site.get(history_of(bob))) == [(None, "sent away: Bob")]


def test_no_secret_is_shown_in_a_history(site, make_user, root):
    eve = make_user("Eve", password=PASSWORD)
    key, secret = ApiKey.objects.issue(eve, Actor(root))
    page = site.get(history_of(eve)).content.decode() + site.get(history_of(key)).content.decode()
    assert [text for text in (secret, key.digest, eve.password, PASSWORD) if text in page] == []


def test_nothing_can_be_reverted_in_a_history(site, algebra):
    assert site.post(history_of(algebra), {"revert": "1"}).status_code == 405
    assert types_of(algebra) == ["created"]


# Pages


def walk(site, address):
    page = site.get(address)
    yield page
    for _ in range(9):  # or a place that leads back to itself would be walked for ever
        if page.context["earlier"]:
            page = site.get(address + page.context["earlier"])
            yield page


def test_pages_have_25_records_and_neither_repeat_nor_lose_one(
    site, half_past_nine, algebra, alice, bob, charlie, join, schedule
):
    """All at one time: the order is that of their positions."""
    for user in (bob, charlie):
        join(algebra, user, "REMOVED")
    for _ in range(11):
        schedule(klass=algebra)
        algebra.renew_code(Actor(alice))
        Membership.objects.reopen(algebra, [bob.pk], Actor(alice))
        Membership.objects.reject(algebra, [bob.pk], Actor(alice))
    pages = list(walk(site, history_of(algebra)))
    assert [len(page.context["lines"]) for page in pages] == [PAGE, PAGE, 2]
    lines = [line.entry for page in pages for line in page.context["lines"]]
    assert sorted(words for page in pages for _, words in what(page)) == sorted(
        ["created Algebra", "made Alice the first teacher of Algebra"]
        + [
            f"{entry} {name} {where} Algebra"
            for name in ("Bob", "Charlie")
            for entry, where in [("approved", "in"), ("removed", "from")]
        ]
        + ["asked to join Algebra"] * 2
        + ["scheduled Introduction to Calculus", "gave Algebra a new code"] * 11
        + ["reopened the request of Bob in Algebra", "rejected Bob in Algebra"] * 11
    )
    assert len(lines) == 52


def test_records_written_between_two_pages_move_nothing(algebra, alice):
    for number in range(4):
        algebra.edit(Actor(alice), title=f"Algebra {number}")
    events = Event.objects.filter(class_id=algebra.pk)
    number_events()
    first = page_of([events], size=2)
    algebra.edit(Actor(alice), title="Algebra 9")
    number_events()
    second = page_of([events], before=first.earlier, size=2)
    assert [event.data["title"] for event in [*first.events, *second.events]] == [
        "Algebra 3",
        "Algebra 2",
        "Algebra 1",
        "Algebra 0",
    ]
    assert second.events[-1].position == second.earlier


JUNK = [
    "junk",
    "x" * 300,
    "W10",
    "bnVsbA",
    "WyIyMDI2IiwgMSwgMl0",
    "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgImEiLCAxXQ",
    "é",
    "\0",
]


@pytest.mark.parametrize("junk", JUNK)
def test_a_malformed_cursor_leads_to_the_newest(site, algebra, junk):
    response = site.get(history_of(algebra), {"before": junk})
    assert (response.status_code, response["Location"]) == (302, history_of(algebra))


@pytest.mark.parametrize("count", [1, 30])
def test_a_history_costs_the_same_for_1_and_for_30_records(
    site, algebra, alice, crowd, schedule, django_assert_num_queries, count
):
    people = crowd(algebra, count, "PENDING")
    Membership.objects.approve(algebra, [user.pk for user in people], Actor(alice))
    number_events()
    # session, user, class; events without position, events; names of people and classes
    with django_assert_num_queries(7):
        site.get(history_of(algebra))
    # of a person: what was done to them, and what they did
    with django_assert_num_queries(8):
        site.get(history_of(alice))


# Searching a class's history


def test_it_shows_who_removed_a_student(site, algebra, alice, bob, charlie, join):
    join(algebra, bob, "REMOVED")
    join(algebra, charlie)
    page = site.get(history_of(algebra), {"q": "bo"})
    assert what(page) == [
        ("Alice", "removed Bob from Algebra"),
        ("Alice", "approved Bob in Algebra"),
        ("Bob", "asked to join Algebra"),
    ]
    assert what(site.get(history_of(algebra), {"q": "BOB@"})) == what(page)
    assert what(site.get(history_of(algebra), {"q": "nobody\0"})) == []


def test_a_search_that_matches_too_many_says_so(site, algebra, crowd):
    crowd(algebra, 51)
    page = site.get(history_of(algebra), {"q": "approved"})
    assert (entries(page), "More than 50 members match" in page.content.decode()) == ([], True)


# Who may look


@pytest.fixture
def clerk(make_user):
    return make_user("Clerk", is_staff=True)


def allow(user, *codenames):
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return Site(user, "classes_class")


def test_a_history_needs_the_right_to_the_record_and_to_its_history(clerk, algebra):
    assert allow(clerk).get(history_of(algebra)).status_code == 403
    assert allow(clerk, "view_class").get(history_of(algebra)).status_code == 403
    assert allow(clerk, "view_historicalclass").get(history_of(algebra)).status_code == 403
    page = allow(clerk, "view_class", "view_historicalclass").get(history_of(algebra))
    assert what(page) == [("Alice", "created Algebra")]


@pytest.mark.parametrize(("rights", "links"), [(["view_class"], 0), (["view_class", "view_historicalclass"], 1)])
def test_the_page_of_a_record_links_to_its_history_for_staff_with_the_right(clerk, algebra, rights, links):
    page = allow(clerk, *rights).page(algebra.pk).content.decode()
    address = reverse("admin:classes_class_history", args=[quote(algebra.pk)])
    assert page.count(f'href="{address}"') == links


def test_staff_without_the_right_to_keys_and_people_get_no_link_to_them(clerk, algebra, alice, api):
    api(alice, name="Sync").post(f"/classes/{algebra.pk}/archive")
    [line, _] = allow(clerk, "view_class", "view_historicalclass").get(history_of(algebra)).context["lines"]
    assert (line.actor, line.key) == (("Alice", ""), ("an API key", ""))
    assert line.sentence[1].address == reverse("admin:classes_class_change", args=[algebra.pk])
