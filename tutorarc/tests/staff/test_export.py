"""Any list of the admin site as CSV."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Group, Permission

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.staff.csv_file import BOM
from tutorarc.tests.staff.admin_site import Site

KINDS = {
    "tutorarc_user": "id,email,display_name,global_role,is_active,is_staff,created_at",
    "classes_class": "id,class_code,title,description,status,created_by,created_at,updated_at",
    "members_membership": "class_code,class_title,email,display_name,role,status,joined_at",
    "live_sessions_livesession": (
        "id,title,start_time,duration,strict,status,teacher_ref,class_code,created_by,created_at"
    ),
    "apikeys_apikey": "id,owner,name,hint,scopes,created_at,expires_at,last_used_at,revoked_at",
    "auth_group": "id,name",
}


def export(site, **parameters):
    response = site.get(site.address("export"), parameters)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()
    assert text.startswith(BOM)
    return list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))


@pytest.fixture
def everything(algebra, alice, bob, join, schedule):
    join(algebra, bob)
    ApiKey.objects.issue(alice, Actor(alice), name="Sync", scopes=["classes:read", "members:read"])
    schedule(), schedule(klass=algebra)


@pytest.mark.parametrize("kind", KINDS)
def test_each_list_can_be_exported_and_links_to_its_export(root, everything, kind):
    site = Site(root, kind)
    header, *rows = export(site)
    assert (",".join(header), len(rows)) == (KINDS[kind], len(site.rows()))
    disposition = site.get(site.address("export"), {"q": 'a"; filename=evil.exe'})["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="[A-Za-z-]+-\d{4}-\d\d-\d\d\.csv"', disposition)
    assert f'href="{site.address("export")}' in site.listing().content.decode()


def test_the_columns_contain_their_fields(root, half_past_nine, algebra, alice, bob, join):
    join(algebra, bob)
    assert export(Site(root, "members_membership"))[1:] == [
        [algebra.class_code, "Algebra", "bob@example.org", "Bob", "STUDENT", "APPROVED", half_past_nine],
        [algebra.class_code, "Algebra", "alice@example.org", "Alice", "TEACHER", "APPROVED", half_past_nine],
    ]
    assert export(Site(root, "tutorarc_user"), q="bob")[1:] == [
        [bob.pk, "bob@example.org", "Bob", "STUDENT", "1", "0", f"{bob.created_at:%Y-%m-%dT%H:%M:%SZ}"]
    ]


def test_the_columns_of_classes_and_of_live_sessions(root, algebra, schedule):
    made = f"{algebra.created_at:%Y-%m-%dT%H:%M:%SZ}"
    assert export(Site(root, "classes_class"))[1:] == [
        [algebra.pk, algebra.class_code, "Algebra", algebra.description, "ACTIVE", "alice@example.org", made, made]
    ]
    alone, of_class = schedule(strict=False), schedule(klass=algebra)
    planned = ["Introduction to Calculus", "2026-03-20T10:00:00Z", "60"]
    assert [row[:9] for row in export(Site(root, "live_sessions_livesession"))[1:]] == [
        [of_class.pk, *planned, "1", of_class.status, "teacher_123", algebra.class_code, "alice@example.org"],
        [alone.pk, *planned, "0", alone.status, "teacher_123", "", "alice@example.org"],
    ]


def test_line_ends_quotes_and_commas_are_quoted(root, alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title='Sets, "naive"', description="One\r\nTwo\nThree")
    assert export(Site(root, "classes_class"))[1][2:4] == [klass.title, klass.description]


def test_keys_are_exported_with_hint_and_without_secret(root, alice):
    key, secret = ApiKey.objects.issue(alice, Actor(alice), scopes=["classes:read", "members:read"])
    [row] = export(Site(root, "apikeys_apikey"))[1:]
    assert row[:5] == [key.pk, "alice@example.org", "API key", key.hint, "classes:read members:read"]
    assert {secret, key.digest} & set(row) == set()


def test_an_export_applies_filters_and_search_and_ignores_pages(root, algebra, alice, bob, charlie, crowd, join):
    join(algebra, bob, "PENDING")
    crowd(algebra, 30)
    site = Site(root, "members_membership")
    assert [row[3] for row in export(site, status__exact="PENDING")[1:]] == ["Bob"]
    assert [row[3] for row in export(site, q="alice")[1:]] == ["Alice"]
    assert len(export(site, klass__id__exact=algebra.pk, p="2")) == 33
    page = site.listing(status__exact="PENDING", q="bob").content.decode()
    assert f"{site.address('export')}?q=bob&amp;status__exact=PENDING" in page


def test_a_filter_that_the_list_does_not_offer_is_refused(root):
    site = Site(root, "tutorarc_user")
    assert site.get(site.address("export"), {"password__startswith": "a"}).status_code == 400
    wrong = site.get(site.address("export"), {"global_role__exact": "\0"})
    assert (wrong.status_code, wrong["Location"]) == (302, site.address("changelist") + "?e=1")
    assert site.get(site.address("export"), {"is_active__exact": "perhaps"}).status_code == 302


def test_formulas_in_the_file_are_escaped(root, alice):
    for title in ("=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://127.0.0.1")'):
        Class.objects.create_with_teacher(Actor(alice), title=title)
    assert [row[2] for row in export(Site(root, "classes_class"))[1:]] == [
        '\'=HYPERLINK("http://127.0.0.1")',
        "'@SUM(A1)",
        "'-1",
        "'+1",
        "'=1+1",
    ]


def test_every_cell_is_quoted(root, alice, algebra):
    site = Site(root, "classes_class")
    lines = b"".join(site.get(site.address("export")).streaming_content).decode().removeprefix(BOM).splitlines()
    assert [line.count('"') for line in lines] == [2 * len(KINDS["classes_class"].split(","))] * 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_delimiter_that_a_spreadsheet_may_expect_finds_a_formula(root, alice, delimiter):
    title, description = "Sums;=1+1,=2+2", 'Tab\t=3+3 and "quoted";"=4+4"\n=5+5\r\n@SUM(A1)'
    Class.objects.create_with_teacher(Actor(alice), title=title, description=description)
    site = Site(root, "classes_class")
    text = b"".join(site.get(site.address("export")).streaming_content).decode().removeprefix(BOM)
    cells = [cell for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter) for cell in row]
    assert [cell for cell in cells if cell.lstrip('" ').startswith(("=", "+", "-", "@"))] == []


@pytest.mark.parametrize("count", [1, 30, 1100])
def test_an_export_costs_the_same_for_1_row_and_for_several_chunks(
    root, algebra, crowd, django_assert_num_queries, count
):
    crowd(algebra, count)
    site = Site(root, "members_membership")
    with django_assert_num_queries(4):  # session, person, rows, security event
        rows = export(site)
    assert len(rows) == count + 2


def test_an_export_needs_the_right_to_see_the_list(make_user, everything):
    clerk = make_user("Clerk", is_staff=True)
    assert [Site(clerk, kind).get(Site(clerk, kind).address("export")).status_code for kind in KINDS] == [403] * 6
    clerk.user_permissions.set([Permission.objects.get(codename="view_class")])
    assert len(export(Site(User.objects.get(pk=clerk.pk), "classes_class"))) == 2


def test_a_post_is_refused(root):
    site = Site(root, "classes_class")
    assert site.post(site.address("export")).status_code == 405


def test_support_can_export_every_list_it_can_view(make_user, everything):
    user = make_user("Sue", is_staff=True)
    user.groups.add(Group.objects.get(name="Support"))
    assert [len(export(Site(user, kind))) - 1 for kind in list(KINDS)[:5]] == [3, 1, 2, 2, 1]
    assert Membership.objects.count() == 2
