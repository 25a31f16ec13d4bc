"""The home page for a visitor and for each role."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from classes.models import Class
from members.models import Membership
from members.pending import MAX_COUNTED, classes_with_people_waiting
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.site.home import SOONEST
from tutorarc.tests.db.large_tables import count_rows, fill_sessions

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def make_class(alice):
    return lambda title, teacher=alice: Class.objects.create_with_teacher(Actor(teacher), title=title)


def home(client, user):
    client.force_login(user)
    return client.get("/")


def tiles(page):
    return re.findall(r'<h3><a href="([^"]+)">', page.content.decode())


def waiting(page):
    return [(klass.title, klass.waiting) for klass in page.context["queues"]]


def titles(page):
    return [row["session"].title for row in page.context["sessions"]]


# Everyone


def test_a_visitor_sees_an_introduction_and_sign_in_without_a_query(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        page = client.get("/")
    assert page.templates[0].name == "tutorarc/welcome.html"
    assert '<a class="button" href="/accounts/login/">Sign in</a>' in page.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_home_page_accepts_get_only(client, db, method):
    assert getattr(client, method)("/").status_code == 405


@pytest.mark.parametrize("who", ["alice", "bob", "admin"])
def test_each_role_sees_its_links(client, request, who):
    user = request.getfixturevalue(who)
    assert tiles(home(client, user)) == ["/api/v1/classes", "/api/v1/sessions", "/developers/keys", "/api/docs"]


def test_staff_see_a_link_to_the_admin_site_too(client, root):
    assert tiles(home(client, root))[4:] == ["/admin/"]


def test_the_home_page_is_not_cached(client, bob):
    assert "no-store" in home(client, bob)["Cache-Control"]


def test_a_name_is_escaped(client, make_user):
    user = make_user("Eve")
    user.edit(Actor(user), display_name="<b>Eve</b>")
    assert b"<h1>Hello, <bdi>&lt;b&gt;Eve&lt;/b&gt;</bdi></h1>" in home(client, user).content


# Who waits


def test_a_teacher_sees_pending_requests_oldest_first_with_links(client, alice, bob, charlie, make_class, join):
    first, second = make_class("First"), make_class("Second")
    for klass, user in ((second, bob), (first, bob), (first, charlie)):
        join(klass, user, "PENDING")
    page = home(client, alice)
    assert waiting(page) == [("Second", 1), ("First", 2)]
    assert f'<a href="/api/v1/classes/{second.pk}/members"><bdi>Second</bdi></a>' in page.content.decode()
    assert re.findall(r"\d+ requests?", page.content.decode()) == ["1 request", "2 requests"]


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "REMOVED"])
def test_answered_requests_are_not_shown(client, alice, algebra, crowd, status):
    crowd(algebra, 1, status)
    assert waiting(home(client, alice)) == []


def test_requests_of_an_archived_class_are_not_shown(client, alice, algebra, crowd):
    crowd(algebra, 1, "PENDING")
    algebra.archive(Actor(alice))
    assert waiting(home(client, alice)) == []


def test_only_a_class_teacher_sees_the_requests(client, algebra, crowd, dora, admin, make_user):
    colleague, past = make_user("Colleague", "TEACHER"), make_user("Past", "TEACHER")
    by = Actor(algebra.created_by)
    Membership.objects.enrol(algebra, dora, "STUDENT", by)
    Membership.objects.enrol(algebra, colleague, "TEACHER", by)
    Membership.objects.enrol(algebra, past, "TEACHER", by)
    Membership.objects.remove(algebra, past.pk, by)
    crowd(algebra, 1, "PENDING")
    assert [len(waiting(home(client, user))) for user in (dora, admin, past, colleague)] == [0, 0, 0, 1]


def test_requests_are_counted_up_to_a_hundred(client, alice, algebra, crowd):
    crowd(algebra, MAX_COUNTED, "PENDING")
    [klass] = classes_with_people_waiting(alice)
    assert klass.waiting == 100
    Membership.objects.reject(algebra, [Membership.objects.waiting()[0].user_id], Actor(alice))
    assert waiting(home(client, alice)) == [("Algebra", 99)]
    assert b"99 requests</span>" in client.get("/").content


def test_more_than_a_hundred_requests_are_shown_as_a_hundred_or_more(client, alice, algebra, crowd):
    crowd(algebra, MAX_COUNTED + 1, "PENDING")
    page = home(client, alice)
    assert waiting(page) == [("Algebra", 100)]
    assert b"100 or more requests</span>" in page.content


# What is next


def test_live_and_upcoming_sessions_are_shown_soonest_first(client, alice, schedule, noon):
    schedule(title="Tomorrow", start_time=NOON + 24 * HOUR)
    schedule(title="On", start_time=NOON - HOUR / 2)
    schedule(title="Just over", start_time=NOON - HOUR)
    schedule(title="Overruns", start_time=NOON - 2 * HOUR + HOUR / 60, strict=False)
    schedule(title="Probably over", start_time=NOON - 2 * HOUR, strict=False)
    schedule(title="Cancelled", start_time=NOON + HOUR).cancel(Actor(alice))
    schedule(title="Ended", start_time=NOON - HOUR / 2, strict=False).end(Actor(alice))
    schedule(title="All day", start_time=NOON - 23 * HOUR, duration=1440)
    schedule(title="Long ago and never ended", start_time=NOON - 30 * HOUR, strict=False)
    page = home(client, alice)
    assert titles(page) == ["All day", "Overruns", "On", "Tomorrow"]
    assert [row["is_on"] for row in page.context["sessions"]] == [True, True, True, False]


def test_each_person_gets_the_link_of_their_role(client, alice, bob, charlie, admin, algebra, join, schedule, noon):
    session = schedule(klass=algebra, start_time=NOON + HOUR)
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    links = {
        user.display_name: [row["link"] for row in home(client, user).context["sessions"]]
        for user in (alice, bob, charlie, admin)
    }
    assert links == {
        "Alice": [session.teacher_link],
        "Bob": [session.student_link],
        "Charlie": [],
        "Admin": [session.teacher_link],
    }


def test_sessions_of_an_archived_class_have_no_link(client, alice, algebra, schedule, noon):
    schedule(klass=algebra, start_time=NOON + HOUR)
    algebra.archive(Actor(alice))
    assert titles(home(client, alice)) == []


# A student


def test_a_student_asks_to_join_from_here(client, bob, algebra):
    page = home(client, bob).content.decode()
    form = page[page.index('<form method="post" action="/api/v1/join-requests"') :]
    assert re.findall(r'name="(\w+)"', form[: form.index("</form>")]) == ["csrfmiddlewaretoken", "class_code"]
    fields, html = {"class_code": f" {algebra.class_code.lower()} "}, {"Accept": "text/html"}
    answer = client.post("/api/v1/join-requests", fields, headers=html)
    assert (answer.status_code, Membership.objects.get(user=bob).status) == (201, "PENDING")


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_only_students_are_offered_to_join(client, request, who):
    page = home(client, request.getfixturevalue(who))
    assert b"class_code" not in page.content
    assert "requests" not in page.context


def test_a_student_sees_the_status_of_each_request_newest_first(client, bob, make_class, join):
    for status in ("APPROVED", "REJECTED", "REMOVED", "PENDING"):
        join(make_class(status.title()), bob, status)
    page = home(client, bob)
    assert [member.klass.title for member in page.context["requests"]] == ["Pending", "Removed", "Rejected", "Approved"]
    assert re.findall(r'<span class="badge[^"]*">([^<]+)', page.content.decode()) == [
        "Waiting for approval",
        "Removed",
        "Declined",
        "Joined",
    ]
    for address in re.findall(r'<div><a href="([^"]+)">', page.content.decode()):
        assert client.get(address).status_code == 200


# What it costs


@pytest.fixture
def busy(alice, bob, charlie, make_class, join, schedule):
    """`busy(30)`: so many classes of Alice in which Bob is, Charlie waits and something is planned."""

    def make(count):
        for number in range(count):
            klass = make_class(f"Class {number}")
            join(klass, bob)
            join(klass, charlie, "PENDING")
            schedule(klass=klass, start_time=timezone.now() + HOUR)

    return make


@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "admin"])
def test_the_home_page_costs_a_teacher_five_statements_and_others_four(
    client, request, busy, django_assert_num_queries, who, count
):
    busy(count)
    client.force_login(request.getfixturevalue(who))
    with django_assert_num_queries(5 if who in ("alice", "admin") else 4):  # one for notices of guessed codes
        page = client.get("/")
    expected = {"alice": (5, 5), "bob": (0, 5), "charlie": (0, 0), "admin": (0, 5)}[who]
    shown = (len(page.context.get("queues", [])), len(page.context["sessions"]))
    assert shown == tuple(min(count, most) for most in expected)


def test_the_next_sessions_use_an_index(alice):
    fill_sessions(alice, NOON)
    count_rows()
    plan = LiveSession.objects.upcoming(NOON).visible_to(alice, SOONEST).explain()
    assert "sessions_of_creator_by_start" in plan


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_the_query_is_limited_to_the_rows_shown(request, who):
    user = request.getfixturevalue(who)
    [own, of_classes] = str(LiveSession.objects.upcoming(NOON).visible_to(user, SOONEST).query).split(" UNION ")
    assert [branch.count("LIMIT 5") for branch in (own, of_classes)] == [1, 1]
