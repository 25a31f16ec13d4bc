"""Series in the admin site: read-only, for staff who may see live sessions."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils.html import strip_tags

from sessions.models import Series
from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site

KIND, SESSIONS = "live_sessions_series", "live_sessions_livesession"


@pytest.fixture
def lessons(schedule_series, algebra):
    return schedule_series(klass=algebra)


@pytest.fixture
def clerk(make_user):
    """`clerk("view_livesession")`: staff with this right alone."""

    def make(*rights):
        user = make_user("Clerk", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        return Site(user, KIND)

    return make


@pytest.mark.parametrize("others", [0, 29])
def test_the_list_costs_four_statements_for_1_row_and_for_30(
    site, lessons, schedule_series, django_assert_num_queries, others
):
    for _ in range(others):
        schedule_series()
    site.listing()
    with django_assert_num_queries(4):
        response = site.listing()
    assert (response.status_code, response.context["cl"].result_count) == (200, others + 1)


@pytest.mark.parametrize(
    ("rule", "repeats", "ends"),
    [
        ("FREQ=WEEKLY;COUNT=5", "Every Tuesday at 16:00", "After 5 sessions"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;UNTIL=20361216", "Every 2 weeks on Tuesday at 16:00", "16 December 2036"),
        ("FREQ=MONTHLY;UNTIL=20361231T233000Z", "Every month at 16:00", "1 January 2037"),
        ("FREQ=DAILY;COUNT=1", "Every day at 16:00", "After 1 session"),
    ],
)
def test_the_rule_is_told_in_words_in_the_time_zone_of_the_series(site, schedule_series, rule, repeats, ends):
    series = schedule_series(rule=rule)[0].series
    text = strip_tags(site.page(series.pk).content.decode())
    assert [words in text for words in (repeats, ends, "Europe/Berlin", rule)] == [True] * 4
    assert repeats in site.listing().content.decode()


def test_series_with_the_same_title_are_told_apart_by_their_first_day(schedule_series):
    first = schedule_series(start=datetime(2036, 10, 14, 23, 30, tzinfo=UTC))[0].series
    assert str(first) == "Algebra (from 2036-10-15)"


@pytest.mark.parametrize("term", ["lgebr", "alice@"])
def test_a_search_finds_series_by_title_class_and_creator(site, lessons, schedule_series, dora, term):
    schedule_series(by=dora, title="Botany")
    assert site.rows(q=term) == [lessons[0].series]
    assert site.rows(created_by__id__exact=dora.pk) == [Series.objects.get(title="Botany")]


def test_the_page_of_a_series_has_its_lessons_in_the_order_of_their_starts(site, lessons, alice):
    lessons[0].reschedule(Actor(alice), start_time=lessons[4].start_time + timedelta(days=1))
    [tab] = site.page(lessons[0].series_id).context["inline_admin_formsets"]
    shown = [(form.instance.pk, form.instance.is_moved_by_hand) for form in tab.formset.forms]
    assert shown == [*((one.pk, False) for one in lessons[1:]), (lessons[0].pk, True)]


def test_a_long_series_has_pages_of_lessons(site, schedule_series, django_assert_num_queries):
    series = schedule_series(rule="FREQ=DAILY;COUNT=45")[0].series
    site.page(series.pk)
    with django_assert_num_queries(6):
        [tab] = site.page(series.pk).context["inline_admin_formsets"]
    assert (len(tab.formset.forms), tab.formset.count) == (20, "45")
    last = site.get(site.address("change", series.pk), {"sessions-page": "3"})
    assert len(last.context["inline_admin_formsets"][0].formset.forms) == 5


def test_lessons_are_filtered_by_their_series_and_link_to_it(root, lessons, schedule_series, schedule):
    other, single, site = schedule_series()[0], schedule(), Site(root, SESSIONS)
    assert site.rows(series__id__exact=lessons[0].series_id) == lessons[::-1]
    address = Site(root, KIND).address("change", lessons[0].series_id)
    pages = [f'href="{address}"' in site.page(one.pk).content.decode() for one in (lessons[0], other, single)]
    assert pages == [True, False, False]


@pytest.mark.parametrize(("right", "status"), [("view_livesession", 200), ("view_series", 403), ("view_class", 403)])
def test_staff_who_may_see_live_sessions_see_series(clerk, lessons, right, status):
    site = clerk(right)
    key = lessons[0].series_id
    addresses = [site.address(page) for page in ("changelist", "export")] + [site.address("change", key)]
    assert [site.get(address).status_code for address in addresses] == [status] * 3
    menu = site.get("/admin/").content.decode()
    assert (f'href="{site.address("changelist")}"' in menu) == (status == 200)


def test_nobody_changes_a_series(site, lessons):
    series = lessons[0].series
    before = Series.objects.filter(pk=series.pk).values().get()
    assert [site.add(title="New").status_code, site.change(series.pk, title="New").status_code] == [403, 403]
    assert site.get(site.address("history", series.pk)).status_code == 404
    assert (Series.objects.values().get(), Series.objects.count()) == (before, 1)


def test_the_export_has_the_rule(site, lessons):
    series = lessons[0].series
    [_, row] = csv.reader(b"".join(site.get(site.address("export")).streaming_content).decode().splitlines())
    rule = ["60", "FREQ=WEEKLY;COUNT=5", "Europe/Berlin"]
    made = [series.klass.class_code, "alice@example.org", f"{series.created_at:%Y-%m-%dT%H:%M:%SZ}"]
    assert row == [series.pk, "Algebra", "2036-10-14T14:00:00Z", *rule, *made]
