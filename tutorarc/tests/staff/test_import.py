"""CSV import in the admin site: a preview, a confirmation, and then all rows or none."""

import re
from datetime import timedelta
from itertools import islice

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.staff import import_pages, people_import
from tutorarc.staff.csv_file import MAX_BYTES
from tutorarc.testing.events import events_about
from tutorarc.tests.staff.admin_site import Site, recorded, state

KIND = "tutorarc_user"

PEOPLE = "email,display_name,global_role\nzoe@example.org,Zoë,TEACHER\nbob@example.org,Robert,\n"


def preview(site, text, name="people.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return site.post(site.address("import"), {"file": SimpleUploadedFile(name, data)})


def consent(site, page):
    return b"".join(submit_import(site, page.context["ticket"]).streaming_content).decode()


def submit_import(site, ticket):
    return site.post(site.address("import"), {"ticket": ticket})


def outcome(text):
    """The last thing the page said."""
    return re.sub("<[^>]*>", "", re.findall("<li.*?</li>", text, re.DOTALL)[-1]).strip()


def names():
    return sorted(User.objects.values_list("display_name", flat=True))


def test_a_preview_shows_what_will_happen_and_writes_nothing(site, bob):
    page = preview(site, PEOPLE)
    text = page.content.decode()
    assert (page.status_code, names()) == (200, ["Bob", "Root"])
    assert [(outcome, count) for outcome, count, _ in page.context["groups"]] == [
        ("added", 1),
        ("changed", 1),
    ]
    assert "Result of the import: <strong>1 added, 1 changed, 0 left alone</strong>" in text
    assert "display name: Bob → Robert" in text


def test_a_confirmed_import_is_written_and_recorded(site, bob):
    said = consent(site, preview(site, PEOPLE))
    assert (outcome(said), names()) == ("Done: 1 added, 1 changed, 0 left alone.", ["Robert", "Root", "Zoë"])
    assert recorded(bob)[-1] == ("updated", "Root")
    assert recorded(User.objects.get(email="zoe@example.org")) == [("created", "Root")]
    assert '<progress max="2" value="1"' in said


def test_with_one_bad_row_nothing_can_be_imported(site, bob):
    page = preview(site, PEOPLE + "zoe,Zoë,\nyan@example.org,,\n")
    text = page.content.decode()
    assert [(row.line, row.label, row.reason) for row in page.context["problems"]] == [
        (4, "zoe", "email: Enter a valid email address."),
        (5, "yan@example.org", "display_name: This field cannot be blank."),
    ]
    assert ("ticket" in page.context, 'name="ticket"' in text, names()) == (False, False, ["Bob", "Root"])


def test_a_roster_is_imported_from_the_list_of_memberships(root, algebra, bob):
    site = Site(root, "members_membership")
    page = preview(site, f"class,email\n{algebra.class_code},bob@example.org\n", "roster.csv")
    assert outcome(consent(site, page)) == "Done: 1 added, 0 changed, 0 left alone."
    assert recorded(Membership.objects.get(user=bob)) == [("enrolled", "Root")]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("emial,display_name\n", "Unknown column “emial”. Is “email” meant?"),
        ("email,display_name\nzoe@example.org,Zoë".encode("latin-1"), "Line 2 is not in UTF-8. Save the file as"),
        (b"a" * (MAX_BYTES + 1), "The file is larger than 1,024 KiB. Split it."),
        (b"", "The file is empty."),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_with_the_reason(site, data, error):
    page = preview(site, data)
    assert (page.status_code, "ticket" in page.context) == (200, False)
    assert error in page.content.decode()


def test_a_huge_file_is_refused_before_it_is_read(site, monkeypatch):
    monkeypatch.setattr(import_pages, "_upload", lambda request: pytest.fail("It was taken in."))
    page = preview(site, b"a" * 5 * MAX_BYTES)
    assert (page.status_code, "Too large" in page.content.decode()) == (413, True)


def test_without_a_file_the_page_asks_for_one(site):
    assert site.post(site.address("import")).context["errors"] == ["Choose a file."]


def test_the_content_of_a_file_is_escaped(site):
    page = preview(site, 'email,display_name\nzoe@example.org,<script>alert(1)</script>\n"<b>",x\n', "<i>.csv")
    assert "<script>alert" not in page.content.decode()
    assert "<b>" not in page.content.decode()


# Between the preview and the consent


def test_changes_since_the_preview_are_not_overwritten(site, root, bob):
    page = preview(site, PEOPLE)
    bob.edit(Actor(root), display_name="Bobby")
    assert (outcome(consent(site, page)), names()) == (import_pages.MEANWHILE, ["Bobby", "Root"])


def test_a_second_confirmation_writes_nothing_more(site, bob):
    page = preview(site, PEOPLE)
    consent(site, page)
    events = len(events_about(User))
    assert (outcome(consent(site, page)), len(events_about(User))) == (import_pages.MEANWHILE, events)


def test_the_progress_is_sent_as_it_comes(site, bob):
    """Compression and proxies would hold it back until the end."""
    page = submit_import(site, preview(site, PEOPLE + "yan@example.org,Yan,\n").context["ticket"])
    assert (page["Content-Encoding"], page["X-Accel-Buffering"]) == ("identity", "no")


def test_an_import_that_fails_is_rolled_back(site, bob, monkeypatch):
    monkeypatch.setattr("tutorarc.staff.import_plans.BATCH", 1)
    page = preview(site, PEOPLE + "yan@example.org,Yan,\n")

    def taken(self, changes, by):
        raise User.EmailTaken()

    monkeypatch.setattr(type(User.objects), "edit_many", taken)
    said = consent(site, page)
    assert said.count("<progress") == 2
    assert (outcome(said), names()) == (import_pages.MEANWHILE, ["Bob", "Root"])


def test_an_import_whose_client_disconnects_is_rolled_back(site, bob):
    response = submit_import(site, preview(site, PEOPLE).context["ticket"])
    assert "1 of 2 changes made" in b"".join(islice(response.streaming_content, 3)).decode()
    response._iterator.close()  # as the server does, but without closing the connection that holds this test
    assert names() == ["Bob", "Root"]


@pytest.mark.parametrize(
    "forge", [lambda ticket: "junk", lambda ticket: ticket[:-1], lambda ticket: f"A{ticket}", lambda ticket: ""]
)
def test_a_forged_import_token_is_refused(site, bob, forge):
    response = submit_import(site, forge(preview(site, PEOPLE).context["ticket"]))
    assert (response.status_code, response.context["errors"], names()) == (
        200,
        [import_pages.TOO_OLD],
        ["Bob", "Root"],
    )


def test_an_import_token_is_valid_for_an_hour_for_its_user_and_import(site, root, bob, make_user, time_machine):
    ticket = preview(site, PEOPLE).context["ticket"]
    other = Site(make_user("Other", is_staff=True, is_superuser=True), "tutorarc_user")
    rosters = Site(root, "members_membership")
    for wrong in (other, rosters):
        assert submit_import(wrong, ticket).context["errors"] == [import_pages.TOO_OLD]
    time_machine.move_to(timezone.now() + timedelta(seconds=import_pages.LIFETIME + 1))
    assert submit_import(Site(root, "tutorarc_user"), ticket).context["errors"] == [import_pages.TOO_OLD]


def test_the_largest_file_can_be_previewed_and_imported(site):
    rows = "".join(f"person{number}@example.org,{'é' * 30} {number}\n" for number in range(10_000))
    page = preview(site, f"email,display_name\n{rows}")
    assert len(page.context["groups"][0][2]) == import_pages.SHOWN
    assert outcome(consent(site, page)) == "Done: 10,000 added, 0 changed, 0 left alone."
    assert (User.objects.count(), len(events_about(User))) == (10_001, 10_001)


# Who may


def staff(make_user, group):
    user = make_user(group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def test_a_registrar_imports_and_support_does_not(make_user, bob):
    registrar = Site(staff(make_user, "Registrar"), "tutorarc_user")
    assert outcome(consent(registrar, preview(registrar, PEOPLE))) == "Done: 1 added, 1 changed, 0 left alone."
    support = staff(make_user, "Support")
    for kind in ("tutorarc_user", "members_membership"):
        site = Site(support, kind)
        assert [site.get(site.address("import")).status_code, preview(site, PEOPLE).status_code] == [403, 403]
        assert site.address("import") not in site.listing().content.decode()
        assert registrar.address("import") in registrar.listing().content.decode()


def test_the_right_to_add_is_not_the_right_to_import(make_user):
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["add_user", "view_user"]))
    site = Site(clerk, "tutorarc_user")
    assert site.get(site.address("import")).status_code == 403


def test_a_registrar_changes_no_staff_by_an_import(make_user, root):
    registrar = Site(staff(make_user, "Registrar"), "tutorarc_user")
    page = preview(registrar, "email,display_name,global_role\nroot@example.org,Loot,STUDENT\n")
    assert [problem.reason for problem in page.context["problems"]] == [people_import.CLOSED]


@pytest.mark.parametrize("row", ["Ada,ADMIN", "Admin,STUDENT", "Admin,TEACHER"])
def test_a_registrar_changes_no_admin_by_an_import(make_user, admin, row):
    registrar, before = Site(staff(make_user, "Registrar"), "tutorarc_user"), state(admin)
    page = preview(registrar, f"email,display_name,global_role\nadmin@example.org,{row}\n")
    assert [problem.reason for problem in page.context["problems"]] == [people_import.CLOSED]
    assert ("ticket" in page.context, state(admin)) == (False, before)


@pytest.mark.parametrize(
    ("group", "told", "refused"),
    [
        (None, "(STUDENT, TEACHER or ADMIN)", "STUDENT, TEACHER, ADMIN"),
        ("Registrar", "(STUDENT or TEACHER)", "STUDENT, TEACHER"),
    ],
)
def test_the_help_names_the_roles_that_the_user_may_give(root, make_user, group, told, refused):
    site = Site(staff(make_user, group) if group else root, "tutorarc_user")
    assert f"global role {told} of the file" in site.get(site.address("import")).content.decode()
    page = preview(site, "email,display_name,global_role\nzoe@example.org,Zoë,KING\n")
    assert [problem.reason for problem in page.context["problems"]] == [f"“KING” is none of {refused}."]


def test_lists_without_an_import_have_no_such_page(root):
    assert Site(root, "classes_class").get("/admin/classes/class/import/").status_code == 302
    assert "import/" not in Site(root, "classes_class").listing().content.decode()
