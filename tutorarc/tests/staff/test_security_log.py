"""The security log in the admin site."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group, Permission

from tutorarc.db.ids import first_id_from
from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.staff.csv_file import BOM
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_securityevent"
GIVEN, OUT = SecurityEventKind.RIGHTS_GIVEN, SecurityEventKind.SIGN_OUT


@pytest.fixture
def log(root, alice, bob):
    """The log as a superuser sees it, without the events of these people's accounts and of the sign-in."""
    site = Site(root, KIND)
    SecurityEvent.objects.all().delete()
    return site


def shown(site, **parameters):
    return [event.pk for event in site.rows(**parameters)]


def test_the_list_shows_who_did_what_to_whom(log, alice, root):
    SecurityEvent.objects.record(GIVEN, user=alice, by=Actor(root), given=["role ADMIN", "staff"], via="form")
    page = log.listing().content.decode()
    for text in ["Rights given", "Alice", "alice@example.org", "Root", "given: role ADMIN, staff; via: form"]:
        assert text in page


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_four_statements(log, alice, root, django_assert_num_queries, count):
    for _ in range(count):
        SecurityEvent.objects.record(GIVEN, user=alice, by=Actor(root))
    with django_assert_num_queries(4):  # session, person, number, rows
        assert len(log.rows()) == count


def test_filters_by_kind_person_and_actor(log, alice, bob):
    first = SecurityEvent.objects.record(GIVEN, user=alice, by=Actor(bob)).pk
    second = SecurityEvent.objects.record(OUT, user=bob, by=Actor(bob)).pk
    assert sorted(shown(log)) == sorted([first, second])
    assert shown(log, kind__exact="rights.given") == [first]
    assert shown(log, user__id__exact=bob.pk) == [second]
    assert sorted(shown(log, actor__id__exact=bob.pk)) == sorted([first, second])
    assert shown(log, actor__id__exact=alice.pk) == []


def test_filters_by_day_in_utc_with_both_ends(log):
    def at(*moment):
        pk = first_id_from("sec", datetime(2026, *moment, tzinfo=UTC))
        return SecurityEvent.objects.create(pk=pk, kind=OUT).pk

    before, first, last, after = at(3, 1, 23, 59), at(3, 2), at(3, 4, 23, 59), at(3, 5)
    assert shown(log, created_at_from="2026-03-02", created_at_to="2026-03-04") == [last, first]
    assert shown(log, created_at_from="2026-03-05") == [after]
    assert shown(log, created_at_to="2026-03-01") == [before]
    assert shown(log, created_at_to="soon") == [after, last, first, before]


def test_search_finds_addresses_request_ids_and_people(log, alice):
    event = SecurityEvent.objects.create(kind=OUT, user=alice, address="203.0.113.7", request_id="req_17")
    SecurityEvent.objects.create(kind=OUT, address="203.0.113.8", request_id="req_18")
    assert [shown(log, q=term) for term in ["203.0.113.7", "req_17", "alice@", event.pk]] == [[event.pk]] * 4


def test_the_page_of_an_event_can_not_be_changed(log, alice):
    event = SecurityEvent.objects.record(OUT, user=alice)
    page = log.page(event.pk)
    assert (page.status_code, "Signed out" in page.text, 'name="_save"' in page.text) == (200, True, False)
    assert log.change_on(page, event.pk, kind="export").status_code == 403
    assert log.get(log.address("add")).status_code == 403
    assert log.get(log.address("delete", event.pk)).status_code == 403


def test_an_export_has_every_column_and_is_recorded(log, alice, root):
    event = SecurityEvent.objects.record(GIVEN, user=alice, by=Actor(root), given=["staff"])
    text = b"".join(log.get(log.address("export")).streaming_content).decode().removeprefix(BOM)
    [header, row] = csv.reader(io.StringIO(text, newline=""))
    assert dict(zip(header, row, strict=True)) == {
        "id": event.pk,
        "created_at": f"{event.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "kind": "rights.given",
        "person": "alice@example.org",
        "by": "root@example.org",
        "api_key": "",
        "address": event.address,
        "browser": "",
        "request_id": event.request_id,
        "details": '{"given": ["staff"]}',
        "times": "1",
        "last_at": "",
    }
    assert SecurityEvent.objects.filter(kind="export").values_list("actor", "details").get() == (
        root.pk,
        {"records": "security events", "rows": 1, "complete": True},
    )


@pytest.mark.parametrize(("group", "status"), [("Auditor", 200), ("Support", 403), ("Registrar", 403)])
def test_of_the_groups_only_auditors_see_it(make_user, bob, group, status):
    user = make_user("Clerk", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    event = SecurityEvent.objects.record(OUT, user=bob)
    site = Site(user, KIND)
    assert [site.get(site.address(page)).status_code for page in ("changelist", "export")] == [status] * 2
    assert site.page(event.pk).status_code == status
    link = f'<a class="text-link underline" href="{site.address("changelist")}?user__id__exact={bob.pk}">'
    assert (link in Site(user, "tutorarc_user").page(bob.pk).text) == (status == 200)
    assert (site.address("changelist") in site.get("/admin/").text) == (status == 200)


def test_auditors_see_people_and_nothing_else(make_user):
    given = Group.objects.get(name="Auditor").permissions
    assert sorted(given.values_list("codename", flat=True)) == ["view_event", "view_securityevent", "view_user"]


def test_its_permission_can_be_given_to_a_group(root):
    page = Site(root, "auth_group").get("/admin/auth/group/add/")
    assert "Can view security events" in page.text


def test_events_have_no_permission_but_to_view(db):
    found = Permission.objects.filter(content_type__model="securityevent")
    assert list(found.values_list("codename", flat=True)) == ["view_securityevent"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_filters_by_the_first_and_the_last_day_there_is(log, day):
    event = SecurityEvent.objects.create(kind=OUT).pk
    assert shown(log, created_at_from=day) == ([event] if day < "2026" else [])
    assert shown(log, created_at_to=day) == ([event] if day > "2026" else [])
