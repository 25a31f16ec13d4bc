"""Imports in the admin site: a preview, a start, and a page that says what came of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.imports import people
from tutorarc.imports.check import SHOWN
from tutorarc.imports.models import Import, ImportFile, ImportLine
from tutorarc.imports.tables import MAX_BYTES
from tutorarc.models import SecurityEvent, User
from tutorarc.ops.prune import prune
from tutorarc.testing.events import events_about
from tutorarc.tests.imports.importing import can_start, consent, groups, newest, page_of, preview, reasons, start, work
from tutorarc.tests.staff.admin_site import Site, recorded, state

KIND = "tutorarc_user"
PEOPLE = "email,display_name,global_role\nzoe@example.org,Zoë,TEACHER\nbob@example.org,Robert,\n"
CHANGED = "Something changed since the preview"


def names():
    return sorted(User.objects.values_list("display_name", flat=True))


def test_a_preview_shows_what_will_happen_and_writes_nothing(site, bob):
    page = preview(site, PEOPLE)
    assert (page.status_code, names()) == (200, ["Bob", "Root"])
    assert groups(page) == {
        "added": [(2, "zoe@example.org", "Zoë, TEACHER")],
        "changed": [(3, "bob@example.org", "display name: Bob → Robert")],
    }
    assert "Result of the import: <strong>1 added, 1 changed, 0 left alone</strong>" in page.content.decode()


def test_a_started_import_is_written_and_recorded(site, root, bob):
    said = consent(site, preview(site, PEOPLE))
    assert (said, names()) == ("Done: 1 added, 1 changed, 0 left alone.", ["Robert", "Root", "Zoë"])
    assert recorded(bob)[-1] == ("updated", "Root")
    assert recorded(User.objects.get(email="zoe@example.org")) == [("created", "Root")]
    event = SecurityEvent.objects.get(kind="import")
    about = newest()
    told = {"records": "people", "rows": 2, "added": 1, "changed": 1, "file": "people.csv", "import_id": about.pk}
    assert (event.actor, event.details, about.state) == (root, told, "done")


def test_the_page_of_the_result_links_to_what_was_written(site, bob):
    page = start(site, preview(site, PEOPLE))
    zoe = User.objects.get(email="zoe@example.org")
    linked = [(f"/admin/tutorarc/user/{user.pk}/change/", str(user)) for user in (zoe, User.objects.get(pk=bob.pk))]
    assert page.context["records"] == linked


def test_bad_rows_are_named_and_can_be_left_out(site, bob):
    page = preview(site, PEOPLE + "zoe,Zoë,\nyan@example.org,,\n")
    assert reasons(page) == [
        (4, "zoe", "email: Enter a valid email address."),
        (5, "yan@example.org", "display_name: This field cannot be blank."),
    ]
    assert ("Import the other 2 rows" in page.content.decode(), names()) == (True, ["Bob", "Root"])
    assert consent(site, page) == "Done: 1 added, 1 changed, 0 left alone, 2 not imported."
    assert names() == ["Robert", "Root", "Zoë"]


def test_the_bad_rows_can_be_downloaded_corrected_and_imported(site, bob):
    page = preview(site, PEOPLE + 'zoe,"=Zoë",\n')
    answer = site.get(f"/admin/imports/import/{page.context['about'].pk}/lines.csv")
    text = b"".join(answer.streaming_content).decode()
    assert text.removeprefix("\ufeff").splitlines() == [
        '"file","line","what is wrong","display_name","email"',
        '"people.csv","4","email: Enter a valid email address.","\'=Zoë","zoe"',
    ]
    again = preview(site, text.replace('"zoe"', '"zoe2@example.org"'))
    assert groups(again) == {"added": [(2, "zoe2@example.org", "=Zoë, STUDENT")]}


def test_only_new_people_are_added_if_that_was_chosen(site, bob):
    page = preview(site, PEOPLE, mode="add")
    assert groups(page) == {
        "added": [(2, "zoe@example.org", "Zoë, TEACHER")],
        "left alone": [(3, "bob@example.org", people.ONLY_ADD)],
    }
    consent(site, page)
    assert names() == ["Bob", "Root", "Zoë"]


def test_a_roster_is_imported_from_the_list_of_memberships(root, algebra, bob):
    site = Site(root, "members_membership")
    page = preview(site, f"class,email\n{algebra.class_code},bob@example.org\n", "roster.csv")
    assert consent(site, page) == "Done: 1 added, 0 changed, 0 left alone."
    assert recorded(Membership.objects.get(user=bob)) == [("enrolled", "Root")]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"a" * (MAX_BYTES + 1), "The file is larger than 8 MiB. Split it."),
        (b"\n", "The file is empty."),
        (b"PK\x03\x04junk", "The zip file is damaged. Make it again, and choose that file."),
        (b"email,email\na@b.org,b@b.org", "The column “E-mail address” is there twice."),
    ],
)
def test_a_file_that_can_not_be_used_is_refused_with_the_reason(site, data, error):
    page = preview(site, data)
    assert (page.status_code, page.context["errors"], Import.objects.count()) == (200, [error], 0)


def test_a_huge_file_is_refused_before_it_is_read(site):
    page = preview(site, b"a" * 2 * MAX_BYTES)
    assert (page.status_code, "Too large" in page.content.decode()) == (413, True)


def test_without_a_file_the_page_asks_for_one(site):
    assert site.post(site.address("import")).context["errors"] == ["Choose a file."]


def test_the_content_of_a_file_is_escaped(site):
    page = preview(site, 'email,display_name\nzoe@example.org,<script>alert(1)</script>\n"<b>",x\n', "<i>.csv")
    assert "<script>alert" not in page.content.decode()
    assert "<b>" not in page.content.decode()
    assert "<i>" not in page.content.decode()


# Between the preview and the start


def test_changes_since_the_preview_are_not_overwritten(site, root, bob):
    page = preview(site, PEOPLE)
    bob.edit(Actor(root), display_name="Bobby")
    assert consent(site, page) == "Done: 1 added, 0 changed, 0 left alone, 1 not imported."
    [line] = newest().lines.all()
    reason = f"{CHANGED}: display name: Bobby → Robert. Import this line again."
    assert (line.line, line.reason, names()) == (3, reason, ["Bobby", "Root", "Zoë"])


def test_a_second_start_writes_nothing_more(site, bob):
    page = preview(site, PEOPLE)
    consent(site, page)
    events = len(events_about(User))
    assert consent(site, page) == "Done: 1 added, 1 changed, 0 left alone."
    assert len(events_about(User)) == events


def test_an_import_can_be_cancelled_and_its_file_is_deleted(site, bob):
    page = preview(site, PEOPLE)
    answer = site.post(page_of(page), {"cancel": "yes"})
    left = (Import.objects.count(), ImportFile.objects.count(), names())
    assert (answer.url, left) == ("/admin/tutorarc/user/import/", (0, 0, ["Bob", "Root"]))


def test_the_file_is_kept_encrypted_and_deleted_when_the_import_is_done(site, bob):
    page = preview(site, PEOPLE)
    assert "zoe@" not in ImportFile.objects.get().content
    consent(site, page)
    assert ImportFile.objects.count() == 0


def test_what_was_not_started_or_is_old_is_removed(site, bob, time_machine):
    consent(site, preview(site, PEOPLE + "zoe,Zoë,\n"))
    preview(site, PEOPLE)
    time_machine.move_to(timezone.now() + timedelta(days=2))
    list(prune())
    assert (Import.objects.count(), ImportFile.objects.count(), ImportLine.objects.count()) == (1, 0, 1)
    time_machine.move_to(timezone.now() + timedelta(days=29))
    list(prune())
    assert (Import.objects.count(), ImportLine.objects.count()) == (1, 0)
    time_machine.move_to(timezone.now() + timedelta(days=150))
    list(prune())
    assert Import.objects.count() == 0


def test_an_import_that_can_not_be_done_at_once_goes_on_in_the_background(site, bob, monkeypatch):
    monkeypatch.setattr("tutorarc.imports.admin.BATCH", 1)
    page = start(site, preview(site, PEOPLE))
    assert (page["Refresh"], names()) == ("2", ["Bob", "Root"])
    assert ('<progress max="2" value="0"' in page.content.decode(), "renews itself" in page.content.decode()) == (
        True,
        True,
    )
    work()
    done = site.get(page_of(page))
    assert ("Refresh" in done, "Done: 1 added, 1 changed" in done.content.decode()) == (False, True)


@pytest.mark.slow
def test_a_large_file_can_be_previewed_and_imported(site):
    rows = "".join(f"person{number}@example.org,{'é' * 30} {number}\n" for number in range(2_000))
    page = preview(site, f"email,display_name\n{rows}")
    assert len(groups(page)["added"]) == SHOWN
    assert consent(site, page) == "Done: 2,000 added, 0 changed, 0 left alone."
    assert (User.objects.count(), len(events_about(User))) == (2_001, 2_001)


# Who may


def staff(make_user, group):
    user = make_user(group, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def test_a_registrar_imports_and_support_does_not(make_user, bob):
    registrar = Site(staff(make_user, "Registrar"), "tutorarc_user")
    assert consent(registrar, preview(registrar, PEOPLE)) == "Done: 1 added, 1 changed, 0 left alone."
    support = staff(make_user, "Support")
    for kind in ("tutorarc_user", "classes_class", "members_membership"):
        site = Site(support, kind)
        pages = [site.get(site.address("import")), preview(site, PEOPLE), site.get(site.address("import_template"))]
        assert [page.status_code for page in pages] == [403, 403, 403]
        assert site.address("import") not in site.listing().content.decode()
        assert registrar.address("import") in registrar.listing().content.decode()


def test_an_import_is_seen_by_who_made_it_and_by_superusers(make_user, root, bob):
    registrar = Site(staff(make_user, "Registrar"), "tutorarc_user")
    other = make_user("Other", is_staff=True)
    other.groups.add(Group.objects.get(name="Registrar"))
    page = preview(registrar, PEOPLE)
    addresses = [page_of(page), f"/admin/imports/import/{page.context['about'].pk}/lines.csv"]
    seen = {user: [Site(user, "").get(address).status_code for address in addresses] for user in (root, other, bob)}
    assert seen == {root: [200, 200], other: [404, 404], bob: [302, 302]}
    assert Site(root, "").post(addresses[0], {"start": "yes"}).status_code == 403
    listed = {user: list(Site(user, "imports_import").rows()) for user in (root, other)}
    assert listed == {root: [newest()], other: []}


def test_somebody_who_lost_the_right_imports_nothing_more(make_user, bob, monkeypatch):
    monkeypatch.setattr("tutorarc.imports.admin.BATCH", 1)
    user = staff(make_user, "Registrar")
    registrar = Site(user, "tutorarc_user")
    start(registrar, preview(registrar, PEOPLE))
    user.groups.clear()
    work()
    about = newest()
    assert (about.state, about.stopped_because) == ("stopped", "Whoever started it may no longer import this.")
    assert User.objects.filter(email="zoe@example.org").count() == 0


def test_the_right_to_add_is_not_the_right_to_import(make_user):
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["add_user", "view_user"]))
    site = Site(clerk, "tutorarc_user")
    assert site.get(site.address("import")).status_code == 403


def test_a_file_with_parts_that_somebody_may_not_import_is_refused(make_user):
    clerk = make_user("Clerk", is_staff=True)
    of_members = ["add_membership", "change_membership", "view_membership"]
    clerk.user_permissions.set(Permission.objects.filter(codename__in=of_members))
    page = preview(Site(clerk, "members_membership"), "class,email,name\nALGE-7P4X,zoe@example.org,Zoë\n")
    assert page.context["errors"] == ["The file also holds people, which you may not import."]


def test_a_registrar_changes_no_staff_by_an_import(make_user, root):
    registrar = Site(staff(make_user, "Registrar"), "tutorarc_user")
    page = preview(registrar, "email,display_name,global_role\nroot@example.org,Loot,STUDENT\n")
    assert reasons(page) == [(2, "root@example.org", people.CLOSED)]


@pytest.mark.parametrize("row", ["Ada,ADMIN", "Admin,STUDENT", "Admin,TEACHER"])
def test_a_registrar_changes_no_admin_by_an_import(make_user, admin, row):
    registrar, before = Site(staff(make_user, "Registrar"), "tutorarc_user"), state(admin)
    page = preview(registrar, f"email,display_name,global_role\nadmin@example.org,{row}\n")
    assert reasons(page) == [(2, "admin@example.org", people.CLOSED)]
    assert (can_start(page), state(admin)) == (False, before)


def test_rows_that_change_staff_an_admin_or_oneself_come_with_a_warning(site, root, admin, bob, make_user):
    make_user("Stan", is_staff=True)
    page = preview(
        site,
        "email,display_name,global_role\nroot@example.org,Boss,\nadmin@example.org,Ada,\nstan@example.org,Stanley,\n"
        "bob@example.org,,ADMIN\nzoe@example.org,Zoë,ADMIN\n",
    )
    assert [(row["line"], row["summary"]) for row in page.context["about"].preview["warnings"]] == [
        (2, "This is you."),
        (3, "This person is staff or ADMIN."),
        (4, "This person is staff or ADMIN."),
        (5, "Becomes an ADMIN."),
        (6, "Becomes an ADMIN."),
    ]


@pytest.mark.parametrize(
    ("group", "told", "refused"),
    [
        (None, "the global role: STUDENT, TEACHER or ADMIN)", "STUDENT, TEACHER, ADMIN"),
        ("Registrar", "the global role: STUDENT or TEACHER)", "STUDENT, TEACHER"),
    ],
)
def test_the_help_names_the_roles_that_the_user_may_give(root, make_user, group, told, refused):
    site = Site(staff(make_user, group) if group else root, "tutorarc_user")
    assert told in site.get(site.address("import")).content.decode()
    page = preview(site, "email,display_name,global_role\nzoe@example.org,Zoë,KING\n")
    assert reasons(page) == [(2, "zoe@example.org", f"“KING” is none of {refused}.")]


def test_lists_without_an_import_have_no_such_page(root):
    assert Site(root, "live_sessions_livesession").get("/admin/live_sessions/livesession/import/").status_code == 302
    assert "import/" not in Site(root, "live_sessions_livesession").listing().content.decode().replace(
        "imports/import/", ""
    )


@pytest.mark.parametrize("kind", ["tutorarc_user", "classes_class", "members_membership"])
def test_the_template_of_each_list_can_be_filled_in_and_imported(root, kind, make_user):
    make_user("Tom", "TEACHER")
    site = Site(root, kind)
    answer = site.get(site.address("import_template"))
    page = preview(site, answer.content)
    assert (answer["Content-Type"], page.context["about"].state) == ("text/csv; charset=utf-8", "ready")
    assert 'href="template.csv"' in site.get(site.address("import")).content.decode()
