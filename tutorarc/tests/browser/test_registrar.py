"""A registrar in a real browser: two imports with bad rows, a search, pending requests, and a history."""

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.testing.browser import page_problems
from tutorarc.testing.events import events_about

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLES = ["Algebra", "Biology", "Chemistry"]


@pytest.fixture
def rita(make_user):
    """A registrar. The tests that clear the whole database leave none of the groups that a migration brought."""
    groups = import_module("tutorarc.migrations.0004_registrar_and_support")
    groups.open_groups(apps, SimpleNamespace(connection=connection))
    user = make_user("Rita", is_staff=True)
    user.groups.add(Group.objects.get(name="Registrar"))
    return user


@pytest.fixture
def classes(alice):
    return [Class.objects.create_with_teacher(Actor(alice), title=title) for title in TITLES]


def people_csv(last="maria@example.org,Maria Oyelaran,STUDENT"):
    rows = [f"student{number}@example.org,Student {number},STUDENT" for number in range(1, 200)]
    return "\n".join(["email,display_name,global_role", *rows, last])


def roster_csv(klass, *rows):
    students = [f"{klass.class_code},student{number}@example.org,STUDENT" for number in range(1, 61)]
    return "\n".join(["class,email,role", *students, *rows])


def upload(page, text):
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Preview").click()


def bad_rows(page):
    page.get_by_role("table", name="Bad rows").wait_for()
    rows = page.get_by_role("table", name="Bad rows").locator("tbody tr")
    return [tuple(row.locator("td").all_inner_texts()) for row in rows.all()]


def consent(page):
    page.get_by_role("button", name="Import", exact=True).click()
    return page.get_by_text("Done:").inner_text().strip()


def test_the_work_of_a_registrar(browser_page, browser_sign_in, rita, root, alice, bob, charlie, classes, join):
    page, [algebra, biology, chemistry] = browser_page, classes
    join(biology, charlie, "REMOVED")
    join(algebra, bob, "PENDING")
    key, secret = ApiKey.objects.issue(alice, Actor(alice), name="Timetable")
    browser_sign_in(rita)

    # 200 people, one bad row: mended, and imported
    page.goto("/admin/tutorarc/user/")
    page.get_by_role("link", name=re.compile("Import$")).click()
    upload(page, people_csv(last="maria(at)example.org,Maria Oyelaran,STUDENT"))
    assert bad_rows(page) == [("201", "maria(at)example.org", "email: Enter a valid email address.")]
    assert User.objects.filter(email__startswith="student").count() == 0
    upload(page, people_csv())
    assert consent(page) == "Done: 200 added, 0 changed, 0 left alone."

    # Three rosters, one bad row in the last
    for klass in (algebra, biology):
        page.goto(reverse("admin:members_membership_import"))
        upload(page, roster_csv(klass))
        assert consent(page) == "Done: 60 added, 0 changed, 0 left alone."
    page.goto(reverse("admin:members_membership_import"))
    upload(page, roster_csv(chemistry, f"{chemistry.class_code},mario@example.org,STUDENT"))
    unknown = "No person has this address. Import people first, or add a column with the names."
    assert bad_rows(page) == [("62", f"mario@example.org in {chemistry.class_code}", unknown)]
    upload(page, roster_csv(chemistry, f"{chemistry.class_code},maria@example.org,STUDENT"))
    assert consent(page) == "Done: 61 added, 0 changed, 0 left alone."
    assert Membership.objects.filter(status="APPROVED", role="STUDENT").count() == 181
    assert {event.actor_user_id for event in events_about(Membership, "enrolled") if not event.detail} == {rita.pk}

    # Someone by half a name
    page.goto("/admin/tutorarc/user/")
    page.locator("#searchbar").fill("oyel")
    page.locator("#searchbar").press("Enter")
    page.get_by_role("link", name="Maria Oyelaran").click()
    page.get_by_role("link", name="History").click()
    page.get_by_text("enrolled Maria Oyelaran in Chemistry").wait_for()

    # Who waits, from the dashboard
    page.goto("/admin/")
    page.get_by_role("checkbox", name="Bob, Algebra").check()
    page.get_by_role("button", name="Approve selected").click()
    page.get_by_text("Membership approved.").wait_for()
    assert Membership.objects.get(user=bob).status == "APPROVED"

    # Who removed this student?
    page.goto(reverse("admin:classes_class_history", args=[biology.pk]))
    page.get_by_label("Person").fill("charl")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**?q=charl")
    page.get_by_role("link", name="Show all").wait_for()
    newest = page.locator("tbody tr").first.locator("td").all_inner_texts()
    assert [re.sub(r"\s+", " ", cell) for cell in newest[1:]] == [
        "Alice",
        "removed Charlie from Biology",
        "status: APPROVED → REMOVED",
        "signed in",
    ]

    # A lost key is not a registrar's to revoke: a superuser does it
    assert page.goto(reverse("admin:apikeys_apikey_changelist")).status == 403
    browser_sign_in(root)
    page.goto(reverse("admin:apikeys_apikey_change", args=[key.pk]))
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("heading", name="Revoke?").wait_for()
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("API key revoked.").wait_for()
    page.goto(reverse("admin:apikeys_apikey_history", args=[key.pk]))
    page.get_by_text(f"revoked Timetable ({key.hint}) of Alice").wait_for()
    assert ApiKey.objects.find(secret) is None


def test_the_pages_of_histories_and_imports_are_accessible_and_fit(
    browser_page, browser_sign_in, root, alice, bob, classes, join
):
    join(classes[0], bob, "REMOVED")
    browser_sign_in(root)
    histories = [
        reverse("admin:classes_class_history", args=[classes[0].pk]),
        f"/admin/tutorarc/user/{alice.pk}/history/",
    ]
    for path in [
        *histories,
        f"{histories[0]}?q=bob",
        f"{histories[0]}?q=nobody",
        reverse("admin:members_membership_import"),
    ]:
        browser_page.goto(path)
        assert (path, page_problems(browser_page)) == (path, [])
    browser_page.goto(reverse("admin:tutorarc_user_import"))
    for text in ("junk", people_csv(last="maria,Maria,"), people_csv()):
        upload(browser_page, text)
        browser_page.get_by_role("heading", name="Import people").wait_for()
        assert page_problems(browser_page) == []
    consent(browser_page)
    assert page_problems(browser_page) == []


def test_the_keyboard_alone_imports_a_file(browser_page, browser_sign_in, root):
    browser_sign_in(root)
    browser_page.goto(reverse("admin:tutorarc_user_import"))
    upload(browser_page, people_csv())
    button = browser_page.get_by_role("button", name="Import", exact=True)
    button.wait_for()
    button.focus()
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("Done: 200 added").wait_for()
