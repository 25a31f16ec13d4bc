"""The first page of the admin site: figures, charts and pending requests."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apikeys.models import ApiKey
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.db.ids import first_id_from
from tutorarc.domain.clock import start_of
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.jobs.models import EventConsumer, Job, Worker
from tutorarc.models.event import number_events
from tutorarc.tests.db.large_tables import ROWS, count_rows, fill_sessions
from tutorarc.tests.staff.admin_site import Site, recorded, shown_messages

KIND = "members_membership"

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)  # a Saturday
INDEX = "/admin/"


@pytest.fixture(autouse=True)
def _saturday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def viewer(make_user):
    """`viewer("view_class", …)`: the site as a user with these rights sees it."""

    def make(*rights):
        user = make_user("Viewer", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        return Site(user, "members_membership")

    return make


def figures(site):
    return {card.title: card.value for card in site.get(INDEX).context["cards"]}


def days(site, title):
    [chart] = [chart for chart in site.get(INDEX).context["charts"] if chart.title == title]
    return chart.counts


def waiting(site):
    return [member.user.display_name for member in site.get(INDEX).context["waiting"]]


@pytest.mark.parametrize("people", [1, 30])
def test_the_page_costs_twelve_statements_for_1_pending_request_and_for_30(
    site, algebra, crowd, schedule, django_assert_num_queries, people
):
    crowd(algebra, people, "PENDING")
    Worker.objects.beat("one")
    for _ in range(people):
        schedule()
        ApiKey.objects.issue(site.user, SYSTEM)
    site.get(INDEX)
    with django_assert_num_queries(12):
        response = site.get(INDEX)
    assert (response.status_code, len(response.context["waiting"])) == (200, min(people, 10))


def test_an_empty_database_has_a_page_too(site):
    assert figures(site) == {
        "Waiting for approval": 0,
        "Sessions today": 0,
        "Sessions this week": 0,
        "Keys unused for 90 days": 0,
        "Failed jobs": 0,
    }
    assert waiting(site) == []


def test_pending_requests_are_shown_oldest_first_with_their_time(site, algebra, bob, charlie, join, time_machine):
    join(algebra, charlie, "PENDING")
    time_machine.move_to(NOW + timedelta(days=2), tick=False)
    site.force_login(site.user)
    join(algebra, bob, "PENDING")
    page = site.get(INDEX).content.decode()
    assert waiting(site) == ["Charlie", "Bob"]
    assert (page.count("for 2\xa0days"), page.count("for 0\xa0minutes")) == (1, 1)


def test_a_reopened_request_is_pending_since_it_was_reopened(site, algebra, bob, join, alice, time_machine):
    join(algebra, bob, "REJECTED")
    time_machine.move_to(NOW + timedelta(days=3), tick=False)
    site.force_login(site.user)
    Membership.objects.reopen(algebra, [bob.pk], Actor(alice))
    [member] = site.get(INDEX).context["waiting"]
    assert member.since == NOW + timedelta(days=3)


def test_requests_that_cannot_be_answered_are_not_shown(site, algebra, alice, bob, join):
    join(algebra, bob, "PENDING")
    algebra.archive(Actor(alice))
    assert (waiting(site), figures(site)["Waiting for approval"]) == ([], 0)


def test_the_linked_list_shows_the_same_people_oldest_first(site, algebra, alice, bob, charlie, join):
    join(algebra, charlie, "PENDING")
    join(algebra, bob, "PENDING")
    address = site.get(INDEX).context["waiting_list"]
    assert [member.user for member in site.get(address).context["cl"].result_list] == [charlie, bob]


def test_pending_requests_are_answered_from_the_page(site, algebra, bob, charlie, join):
    approved, left = join(algebra, bob, "PENDING"), join(algebra, charlie, "PENDING")
    answer = {"action": "approve", "_selected_action": [approved.pk], "back": "index"}
    page = site.post(reverse("admin:members_membership_changelist"), answer, follow=True)
    assert (page.redirect_chain, [str(message) for message in page.context["messages"]]) == (
        [(INDEX, 302)],
        ["Membership approved."],
    )
    assert [Membership.objects.get(pk=member.pk).status for member in (approved, left)] == ["APPROVED", "PENDING"]


def test_an_answer_without_selection_redirects_back_with_a_message(site, algebra, bob, join):
    waiting = join(algebra, bob, "PENDING")
    response = site.post(site.address("changelist"), {"action": "approve", "back": "index"})
    assert (response.url, shown_messages(response)) == (INDEX, ["Nothing was changed: select at least one row first."])
    assert recorded(waiting) == [("requested", "Bob")]


def test_staff_without_the_right_to_answer_are_refused(viewer):
    site = viewer("view_class")
    assert site.post("/admin/members/membership/", {"action": "approve", "back": "index"}).status_code == 403


def test_sessions_are_counted_by_the_day_they_start_without_the_cancelled(site, alice, schedule):
    for start in ("08T23:59", "09T00:00", "14T00:00", "15T23:59", "16T00:00"):
        schedule(start_time=datetime.fromisoformat(f"2026-03-{start}Z"))
    schedule(start_time=NOW + timedelta(hours=1)).cancel(Actor(alice))
    assert {title: figures(site)[title] for title in ("Sessions today", "Sessions this week")} == {
        "Sessions today": 1,
        "Sessions this week": 3,
    }
    counts = days(site, "Sessions a day")
    assert (len(counts), counts[0][0].isoformat(), counts[-1][0].isoformat()) == (30, "2026-02-13", "2026-03-14")
    assert [(day.day, count) for day, count in counts if count] == [(8, 1), (9, 1), (14, 1)]


def test_the_linked_lists_of_sessions_have_as_many_rows_as_the_figures(site, alice, schedule):
    for hours in (-72, 0, 24, 48):
        schedule(start_time=NOW + timedelta(hours=hours))
    schedule(start_time=NOW + timedelta(hours=1)).cancel(Actor(alice))
    cards = {card.title: card for card in site.get(INDEX).context["cards"]}
    found = {title: site.get(card.address).context["cl"].result_count for title, card in cards.items()}
    assert found == {title: card.value for title, card in cards.items()}


def test_new_members_are_counted_by_the_day_they_joined(site, algebra, bob, charlie, join, time_machine):
    time_machine.move_to(start_of(date(2026, 2, 13)) - timedelta(seconds=1))
    join(algebra, charlie)
    time_machine.move_to(start_of(date(2026, 2, 13)))
    join(algebra, bob)
    time_machine.move_to(NOW)
    shown = [(day.isoformat(), count) for day, count in days(site, "New members a day") if count]
    assert shown == [("2026-02-13", 1), ("2026-03-14", 1)]  # Bob, and Alice, who created the class


def test_a_key_created_and_last_used_90_days_ago_is_unused(site, alice):
    def made(days, used=None, **fields):
        pk = first_id_from("key", NOW - timedelta(days=days))
        last_used_at = NOW - timedelta(days=used) if used is not None else None
        return ApiKey(pk=pk, owner=alice, digest=pk, last_used_at=last_used_at, **fields)

    never, once, *_ = ApiKey.objects.bulk_create(
        [
            made(91),
            made(200, 91),
            made(89),
            made(201, 89),
            made(202, revoked_at=NOW),
            made(203, expires_at=NOW - timedelta(days=1)),
        ]
    )
    assert set(ApiKey.objects.unused_since(NOW - timedelta(days=90))) == {never, once}
    assert figures(site)["Keys unused for 90 days"] == 2


@pytest.mark.parametrize(
    ("right", "cards", "charts", "statements"),
    [
        ("view_membership", ["Waiting for approval"], ["New members a day"], 9),
        ("view_livesession", ["Sessions today", "Sessions this week"], ["Sessions a day"], 5),
        ("view_apikey", ["Keys unused for 90 days"], [], 5),
        ("view_class", [], [], 4),
    ],
)
def test_a_figure_needs_the_right_to_its_list(
    viewer, algebra, bob, join, right, cards, charts, statements, django_assert_num_queries
):
    join(algebra, bob, "PENDING")
    site = viewer(right)
    number_events()
    with django_assert_num_queries(statements):
        response = site.get(INDEX)
    shown = response.context
    assert ([card.title for card in shown["cards"]], [chart.title for chart in shown["charts"]]) == (cards, charts)
    assert ("Bob" in response.content.decode(), "Approve selected" in response.content.decode()) == (
        right == "view_membership",
        False,
    )


def test_a_visitor_is_redirected_to_the_sign_in(db):
    assert Client().get(INDEX).status_code == 302


def test_each_figure_uses_an_index(alice, algebra, crowd):
    now = timezone.now()
    crowd(algebra, ROWS)
    ApiKey.objects.bulk_create(ApiKey(owner=alice, digest=str(n), last_used_at=now) for n in range(ROWS))
    fill_sessions(alice, now - timedelta(days=10))
    count_rows()
    found = {
        "members_of_all_by_status": Membership.objects.filter(status="PENDING").order_by("pk"),
        "sessions_by_start": LiveSession.objects.not_cancelled().starting_on(now.date(), now.date()).order_by(),
        "api_keys_by_last_use": ApiKey.objects.unused_since(now).order_by(),
    }
    assert [index for index, rows in found.items() if index not in rows.explain()] == []


def warnings(site):
    return list(site.get(INDEX).context["warnings"])


def test_failed_work_is_counted(site):
    for _ in range(2):
        Job.objects.create(kind="prune", due_at=NOW, failed_at=NOW)
    assert figures(site)["Failed jobs"] == 2
    [card] = [card for card in site.get(INDEX).context["cards"] if card.title == "Failed jobs"]
    assert card.address == "/admin/jobs/job/?state=failed"


def test_what_keeps_work_from_being_done_is_said(site):
    Worker.objects.beat("one")
    assert warnings(site) == []
    Worker.objects.all().delete()
    Job.objects.enqueue("prune", {})
    EventConsumer.objects.create(name="letters", position=0, failing_since=NOW, last_error="ValueError: no paper")
    texts = [
        "No worker has been seen for a minute, and work is due. Start manage.py work.",
        "The event consumer “letters” fails: ValueError: no paper",
    ]
    assert warnings(site) == texts
    assert all(text in site.get(INDEX).content.decode() for text in texts)


def test_background_work_is_shown_to_those_who_may_see_it(viewer):
    Job.objects.enqueue("prune", {})
    without_right = viewer("view_class")
    assert (figures(without_right), warnings(without_right)) == ({}, [])
