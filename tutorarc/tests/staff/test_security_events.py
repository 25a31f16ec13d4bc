"""What the security log has of exports, imports, refused pages, groups and permissions."""

import pytest
from django.contrib.auth.models import Group, Permission

from tutorarc.models import SecurityEvent, User
from tutorarc.tests.imports.importing import consent, newest, preview
from tutorarc.tests.staff.admin_site import Site
from tutorarc.tests.staff.test_import import PEOPLE


@pytest.fixture
def events(root, alice, bob, algebra):
    """`events()`: kind, person, actor and details of each event since then, without sign-ins, sorted."""
    site_of_root = Site(root, "tutorarc_user")
    SecurityEvent.objects.all().delete()

    def collect():
        found = SecurityEvent.objects.exclude(kind__in=["sign_in.succeeded", "sessions.ended"])
        return sorted(found.values_list("kind", "user", "actor", "details"), key=str)

    collect.site = site_of_root
    return collect


def test_an_export_is_recorded_with_its_number_of_rows(events, root, alice, bob):
    response = events.site.get(events.site.address("export"), {"q": "example.org"})
    assert events() == []
    list(response.streaming_content)
    assert events() == [("export", None, root.pk, {"records": "people", "rows": 3, "complete": True})]


def test_an_export_that_ends_early_is_recorded_with_what_was_sent(events, root, make_user, monkeypatch):
    monkeypatch.setattr("tutorarc.staff.export.CHUNK", 2)
    for number in range(5):
        make_user(f"p{number}")
    response = events.site.get(events.site.address("export"))
    chunks = iter(response.streaming_content)
    [next(chunks) for _ in range(3)]
    for close in response._resource_closers:  # the client went away; `close()` would close the connection as well
        close()
    assert events() == [("export", None, root.pk, {"records": "people", "rows": 2, "complete": False})]


def test_an_import_is_recorded_with_its_numbers(events, root, bob):
    page = preview(events.site, PEOPLE + "root@example.org,Root,\n")
    assert events() == []
    consent(events.site, page)
    details = {"records": "people", "rows": 3, "added": 1, "changed": 1}
    details |= {"file": "people.csv", "import_id": newest().pk}
    assert [event for event in events() if event[0] == "import"] == [("import", None, root.pk, details)]


def test_a_refused_page_is_recorded_by_its_route(events, make_user, algebra):
    clerk = make_user("Clerk", is_staff=True)
    site = Site(clerk, "classes_class")
    site.get(site.address("change", algebra.pk))
    site.post(site.address("change", algebra.pk), {"title": "Stolen"})
    site.get(site.address("change", "typed-by-hand"))
    site.get(site.address("changelist"), {"q": "typed-by-hand"})
    for _ in range(2):
        site.get("/admin/auth/group/")
    refused = SecurityEvent.objects.filter(kind="admin.refused").order_by("pk")
    change = {"page": "/admin/classes/class/<path:object_id>/change/"}
    assert list(refused.values_list("user", "actor", "details", "times")) == [
        (clerk.pk, clerk.pk, {"method": "GET", "record": algebra.pk, **change}, 1),
        (clerk.pk, clerk.pk, {"method": "POST", "record": algebra.pk, **change}, 1),
        (clerk.pk, clerk.pk, {"method": "GET", **change}, 1),
        (clerk.pk, clerk.pk, {"method": "GET", "page": "/admin/classes/class/"}, 1),
        (clerk.pk, clerk.pk, {"method": "GET", "page": "/admin/auth/group/"}, 2),
    ]


def test_a_person_who_is_not_staff_is_recorded(events, bob):
    Site(bob, "").get("/admin/", follow=True)
    assert events() == [("admin.refused", bob.pk, bob.pk, {"method": "GET", "page": "/admin/login/"})]


def test_other_refusals_are_not_recorded(events, bob, client, algebra):
    client.get("/admin/", follow=True)  # nobody is signed in
    signed_in = Site(bob, "")
    assert signed_in.get(f"/api/v1/classes/{algebra.pk}/members").status_code == 403
    assert signed_in.get("/admin/nowhere/").status_code in (302, 404)
    assert events() == []


def test_groups_given_and_taken_are_recorded(events, bob):
    support, registrar = Group.objects.get(name="Support"), Group.objects.get(name="Registrar")
    bob.groups.add(support, registrar)
    bob.groups.add(support)  # once more
    bob.groups.remove(support)
    bob.groups.clear()
    assert events() == [
        ("rights.given", bob.pk, None, {"given": ["group Registrar", "group Support"]}),
        ("rights.taken", bob.pk, None, {"taken": ["group Registrar"]}),
        ("rights.taken", bob.pk, None, {"taken": ["group Support"]}),
    ]


def test_people_added_to_a_group_are_recorded_each(events, alice, bob):
    support = Group.objects.get(name="Support")
    support.user_set.add(alice, bob)
    support.user_set.remove(alice)
    given = {"given": ["group Support"]}
    assert events() == [
        ("rights.given", alice.pk, None, given),
        ("rights.given", bob.pk, None, given),
        ("rights.taken", alice.pk, None, {"taken": ["group Support"]}),
    ]


def test_permissions_of_a_person_are_recorded(events, bob):
    permission = Permission.objects.get(codename="view_class")
    bob.user_permissions.add(permission)
    permission.user_set.remove(bob)
    assert events() == [
        ("rights.given", bob.pk, None, {"given": ["permission classes.view_class"]}),
        ("rights.taken", bob.pk, None, {"taken": ["permission classes.view_class"]}),
    ]


def test_permissions_of_a_group_are_recorded_with_its_name(events):
    group = Group.objects.create(name="Desk")
    group.permissions.set(Permission.objects.filter(codename__in=["view_class", "view_user"]).order_by("codename"))
    group.permissions.clear()
    names = ["permission classes.view_class", "permission tutorarc.view_user"]
    assert events() == [
        ("rights.given", None, None, {"given": names, "group": "Desk"}),
        ("rights.taken", None, None, {"taken": names, "group": "Desk"}),
    ]


def test_nothing_is_recorded_where_nothing_is_given(events, bob):
    bob.groups.set([])
    Group.objects.create(name="Desk").permissions.set([])
    assert (events(), User.objects.get(pk=bob.pk).groups.count()) == ([], 0)
