"""The audit page: all events in the admin site."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from apikeys.models import ApiKey
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import Event, SecurityEvent
from tutorarc.models.event import number_events
from tutorarc.staff import audit, history_timeline
from tutorarc.staff.csv_file import BOM
from tutorarc.staff.event_filters import EventFilterForm
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_event"


def sentences(response):
    return ["".join(part.text for part in line.sentence) for line in response.context["lines"]]


def shown(site, **filters):
    return sentences(site.listing(**filters))


def exported(site, **filters):
    text = b"".join(site.get(site.address("export"), filters).streaming_content).decode()
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


def test_all_events_are_told_newest_first(site, alice, algebra, bob, join):
    join(algebra, bob)
    assert shown(site) == [
        "approved Bob in Algebra",
        "asked to join Algebra",
        "added Bob",
        "made Alice the first teacher of Algebra",
        "created Algebra",
        "added Alice",
        "added Root",
    ]


@pytest.fixture
def history(algebra, alice, bob, join, api):
    """Bob asks, Alice lets him in with a key."""
    request = join(algebra, bob, "PENDING")
    key, _ = ApiKey.objects.issue(alice, Actor(alice))
    Membership.objects.approve(algebra, [bob.pk], Actor(alice, key))
    return request, key


def test_each_filter_narrows_the_events(site, algebra, alice, bob, root, history):
    _, key = history
    approved = "approved Bob in Algebra"
    assert shown(site, type="membership.approved") == [approved]
    assert shown(site, type="class") == ["created Algebra"]
    assert shown(site, key=key.pk) == [approved]
    assert shown(site, actor=bob.pk) == ["asked to join Algebra"]
    assert shown(site, person=bob.pk) == [approved, "asked to join Algebra", "added Bob"]
    assert shown(site, person=bob.pk, type="user") == ["added Bob"]
    by_class = shown(site, **{"class": algebra.pk})
    assert (len(by_class), by_class[0], "added Bob" in by_class) == (4, approved, False)
    assert shown(site, actor=alice.pk, person=bob.pk) == [approved]
    assert shown(site, actor=root.pk) == []


def test_days_are_those_of_the_reader_and_both_are_included(site, root, alice, time_machine):
    root.edit(Actor(root), time_zone="Pacific/Auckland")  # 13 hours before UTC in March
    for name, moment in (("A", (10, 11, 0)), ("B", (11, 10, 59)), ("C", (11, 11, 0))):
        time_machine.move_to(datetime(2026, 3, *moment, tzinfo=UTC), tick=False)
        alice.edit(Actor(root), display_name=f"Alice {name}")
    found = site.listing(first="2026-03-11", last="2026-03-11", type="user").context["lines"]
    after = [change.after for line in found for change in line.entry.changes if change.field == "display name"]
    assert after == ["Alice B", "Alice A"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("first", "soon"), ("last", "\0"), ("type", "nothing"), ("actor", "junk"), ("person", "\0")),
        *(("class", "usr_1"), ("key", "0"), ("first", "2026-13-01")),
    ],
)
def test_a_wrong_filter_shows_its_error_and_no_events(site, alice, name, value):
    page = site.listing(**{name: value})
    assert (page.status_code, list(page.context["form"].errors), page.context["lines"]) == (200, [name], [])
    response = site.get(site.address("export"), {name: value})
    assert (response.status_code, response.url.startswith("../?")) == (302, True)


@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, "²"])
def test_a_wrong_place_leads_to_the_newest_events(site, place):
    response = site.listing(before=place)
    assert (response.status_code, response.url) == (302, site.address("changelist"))


def test_the_first_and_the_last_day_are_no_problem(site, alice):
    assert shown(site, first="0001-01-01", last="9999-12-31") == ["added Alice", "added Root"]


def test_pages_go_on_where_the_last_one_ended(site, algebra, alice, monkeypatch):
    monkeypatch.setattr(history_timeline.page_of, "__defaults__", (None, 2))
    first = site.listing(actor="", type="")
    second = site.get(f"{site.address('changelist')}?{first.context['earlier']}")
    assert (sentences(first), sentences(second)) == (
        ["made Alice the first teacher of Algebra", "created Algebra"],
        ["added Alice", "added Root"],
    )
    assert (second.context["earlier"], "Newest" in second.content.decode()) == (None, True)


@pytest.mark.parametrize("people", [1, 20])
def test_the_page_costs_the_same_for_1_event_and_for_20(site, algebra, alice, crowd, django_assert_num_queries, people):
    members = crowd(algebra, people, "PENDING")
    Membership.objects.approve(algebra, [user.pk for user in members], Actor(alice))
    site.listing()
    ContentType.objects.clear_cache()
    with django_assert_num_queries(6):  # session, person, events without position, events, names of people, of classes
        site.listing()
    with django_assert_num_queries(8):  # the class of the filter, as a value and as an option
        site.listing(**{"class": algebra.pk, "type": "membership"})


def test_an_export_has_the_filtered_events_and_is_recorded(site, root, alice, bob, history, algebra):
    algebra.edit(Actor(alice), title="=1+1")
    rows = exported(site, type="class")
    event = Event.objects.numbered().get(type="class.updated")
    assert rows[0] == list(audit.COLUMNS)
    assert rows[1] == [
        event.pk,
        f"{event.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "class.updated",
        "Alice",
        "edited =1+1",
        "title: Algebra → =1+1",
        algebra.pk,
        "",
        alice.pk,
        "",
    ]
    assert [row[2] for row in rows[1:]] == ["class.updated", "class.created"]
    record = SecurityEvent.objects.filter(kind="export").values_list("actor", "details").get()
    assert record == (root.pk, {"records": "events", "rows": 2, "complete": True})


def test_a_name_that_a_spreadsheet_would_run_is_text(site, alice):
    alice.edit(Actor(alice), display_name="=1+1")
    assert exported(site, actor=alice.pk)[1][3] == "'=1+1"


def test_an_export_goes_on_over_pages_and_ends_at_its_limit(site, algebra, monkeypatch):
    monkeypatch.setattr(audit, "CHUNK", 2)
    assert len(exported(site)) == 5
    monkeypatch.setattr(audit, "MAX_EXPORTED", 2)
    assert len(exported(site)) == 3
    records = SecurityEvent.objects.filter(kind="export").order_by("pk").values_list("details", flat=True)
    assert [(one["rows"], one["complete"]) for one in records] == [(4, True), (2, False)]


@pytest.mark.parametrize(("group", "status"), [("Auditor", 200), ("Support", 200), ("Registrar", 403)])
def test_auditors_and_support_see_it(make_user, algebra, group, status):
    user = make_user("Clerk", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    site = Site(user, KIND)
    assert [site.get(site.address(page)).status_code for page in ("changelist", "export")] == [status] * 2
    assert (site.address("changelist") in site.get("/admin/").text) == (status == 200)


def test_names_are_links_only_to_what_the_reader_may_view(make_user, algebra, alice):
    reader = make_user("Reader", is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_event"))
    [line] = Site(reader, KIND).listing(type="class.created").context["lines"]
    assert [part.address for part in [*line.sentence, line.actor]] == [""] * 3


def test_events_have_no_pages_and_are_not_changed(site, algebra):
    number_events()
    event = Event.objects.numbered().first()
    pages = [site.get(site.address(page, event.pk)) for page in ("change", "history", "delete")]
    assert [page.status_code for page in pages] == [404, 404, 403]
    assert [site.get(site.address("add")).status_code, site.listing().status_code] == [403, 200]
    assert site.post(site.address("changelist"), {"action": "x"}).status_code == 405


FOUND_BY = {
    "type": ("membership.approved", "events_by_type"),
    "actor": ("alice", "events_by_actor"),
    "person": ("bob", "events_by_user"),
    "class": ("algebra", "events_by_class"),
    "key": ("key", "events_by_key"),
}


@pytest.mark.parametrize("name", FOUND_BY)
def test_each_filter_is_served_by_an_index(rf, root, algebra, alice, bob, history, name):
    value, index = FOUND_BY[name]
    ids = {"alice": alice.pk, "bob": bob.pk, "algebra": algebra.pk, "key": history[1].pk}
    request = rf.get("/", {name: ids.get(value, value)})
    request.user = root
    number_events()
    form = EventFilterForm(request)
    assert form.is_valid(), form.errors
    [source] = form.sources()
    if connection.vendor == "postgresql":  # however frequent the value is
        connection.cursor().execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    assert index in source(None, 26).explain()
