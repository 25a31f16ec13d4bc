"""The groups that come with the migrations, and what their members may do on each page of the admin site."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.urls import reverse

from apikeys.models import ApiKey
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.staff.groups import GroupAdmin
from tutorarc.tests.staff.admin_site import Site, errors, recorded, state

KINDS = ["tutorarc_user", "classes_class", "members_membership", "live_sessions_livesession", "apikeys_apikey"]
PAGES = ["changelist", "export", "add", "change", "history", "delete"]
SEE, CHANGE, NOTHING = [200, 200, 403, 200, 200, 403], [200, 200, 200, 200, 200, 403], [403] * 6
MIGRATION = import_module("tutorarc.migrations.0004_registrar_and_support")


@pytest.fixture
def staff(make_user):
    def make(group):
        user = make_user(group, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
        return user

    return make


@pytest.fixture
def rows(algebra, alice, bob, join, schedule):
    """One record of each kind."""
    key, _ = ApiKey.objects.issue(alice, Actor(alice))
    return dict(zip(KINDS, [bob, algebra, join(algebra, bob, "PENDING"), schedule(klass=algebra), key], strict=True))


def statuses(site, row):
    addresses = [site.address(page, *([row.pk] if page in ("change", "history", "delete") else [])) for page in PAGES]
    return [site.get(address).status_code for address in addresses]


@pytest.mark.parametrize(
    ("group", "rights"),
    [("Registrar", [CHANGE, CHANGE, CHANGE, SEE, NOTHING]), ("Support", [SEE] * 5)],
)
def test_each_group_has_access_to_its_pages(staff, rows, group, rights):
    user = staff(group)
    assert {kind: statuses(Site(user, kind), rows[kind]) for kind in KINDS} == dict(zip(KINDS, rights, strict=True))


@pytest.mark.parametrize("group", ["Registrar", "Support"])
def test_neither_group_has_access_to_groups(staff, group):
    user = staff(group)
    assert statuses(Site(user, "auth_group"), Group.objects.get(name=group)) == NOTHING


@pytest.mark.parametrize(("group", "status"), [("Registrar", 200), ("Support", 403)])
def test_only_a_registrar_imports_and_gives_new_passwords(staff, rows, bob, group, status):
    user, password = staff(group), reverse("admin:auth_user_password_change", args=[bob.pk])
    imports = [Site(user, kind).address("import") for kind in ("tutorarc_user", "members_membership")]
    assert [Site(user, "tutorarc_user").get(page).status_code for page in [*imports, password]] == [status] * 3


def actions_of(user, kind):
    page = Site(user, kind).listing()
    form = page.context["action_form"]
    return [name for name, _ in form.fields["action"].choices if name] if form else []


def test_a_registrar_has_the_actions_of_people_classes_and_memberships(staff, rows):
    user = staff("Registrar")
    assert {"approve", "remove", "reopen"} <= set(actions_of(user, "members_membership"))
    assert {"archive", "unarchive"} <= set(actions_of(user, "classes_class"))


def test_support_has_no_action_and_a_forged_one_is_refused(staff, rows):
    user = staff("Support")
    assert [actions_of(user, kind) for kind in KINDS] == [[]] * 5
    before = [state(row) for row in rows.values()]
    for kind, action in zip(KINDS, ["deactivate", "archive", "approve", "cancel", "revoke"], strict=True):
        Site(user, kind).act(action, [rows[kind]])
    assert [state(row) for row in rows.values()] == before


@pytest.mark.parametrize("kind", KINDS)
def test_support_can_not_change_or_add_by_a_form(staff, rows, kind):
    site, before = Site(staff("Support"), kind), state(rows[kind])
    assert [site.change(rows[kind].pk, title="X").status_code, site.add(title="X").status_code] == [403, 403]
    assert state(rows[kind]) == before


def test_an_approval_by_a_registrar_is_recorded(staff, rows, algebra, bob):
    Site(staff("Registrar"), "members_membership").act("approve", [rows["members_membership"]])
    assert recorded(Membership.objects.get(user=bob))[-1] == ("approved", "Registrar")


def test_a_registrar_has_access_to_the_history_of_sessions_and_not_of_keys(staff, rows, algebra, alice):
    site = Site(staff("Registrar"), "classes_class")
    lines = site.get(site.address("history", algebra.pk)).context["lines"]
    assert "scheduled" in str(lines)
    of_alice = site.get(reverse("admin:tutorarc_user_history", args=[alice.pk])).context["lines"]
    assert "issued" not in str(of_alice)
    support = Site(staff("Support"), "classes_class")
    assert "issued" in str(support.get(reverse("admin:tutorarc_user_history", args=[alice.pk])).context["lines"])


def rights(group):
    found = Permission.objects.filter(group__name=group).order_by("content_type__app_label", "codename")
    return [f"{app}.{codename}" for app, codename in found.values_list("content_type__app_label", "codename")]


def test_the_groups_have_exactly_these_rights(db):
    assert rights("Registrar") == [
        "classes.add_class",
        "classes.change_class",
        "classes.view_class",
        "classes.view_historicalclass",
        "live_sessions.view_historicallivesession",
        "live_sessions.view_livesession",
        "members.add_membership",
        "members.change_membership",
        "members.view_historicalmembership",
        "members.view_membership",
        "tutorarc.add_user",
        "tutorarc.change_user",
        "tutorarc.view_historicaluser",
        "tutorarc.view_user",
    ]
    assert rights("Support") == [
        "apikeys.view_apikey",
        "apikeys.view_historicalapikey",
        "classes.view_class",
        "classes.view_historicalclass",
        "jobs.view_eventconsumer",
        "jobs.view_job",
        "live_sessions.view_historicallivesession",
        "live_sessions.view_livesession",
        "members.view_historicalmembership",
        "members.view_membership",
        "tutorarc.view_event",
        "tutorarc.view_historicaluser",
        "tutorarc.view_user",
        "webhooks.view_delivery",
        "webhooks.view_endpoint",
    ]


def test_an_existing_group_of_that_name_keeps_its_rights(db):
    Group.objects.filter(name="Support").delete()
    registrar, own = Group.objects.get(name="Registrar"), Permission.objects.get(codename="view_group")
    registrar.permissions.set([own])
    before = Permission.objects.count()
    MIGRATION.open_groups(apps, SimpleNamespace(connection=connection))
    import_module("tutorarc.migrations.0022_copy_records").move_rights(apps, None)
    assert (len(rights("Registrar")), len(rights("Support")), own in registrar.permissions.all()) == (13, 10, True)
    assert Permission.objects.count() == before


def test_the_second_of_two_concurrent_groups_with_one_name_is_refused(root, monkeypatch):
    site = Site(root, "auth_group")
    monkeypatch.setattr(GroupAdmin, "unique_values", ())
    monkeypatch.setattr(Group, "validate_unique", lambda self, **options: None)  # as before the first is there
    assert [site.add(name="Night watch").status_code for _ in range(2)] == [302, 200]
    assert errors(site.add(name="Night watch")) == {"__all__": ["There is already a group with this name."]}
    assert Group.objects.filter(name="Night watch").count() == 1


@pytest.mark.parametrize("junk", ["9" * 30, "0", "x", "\0"])
def test_an_unknown_right_or_group_is_refused(root, bob, junk):
    added = Site(root, "auth_group").add(name="Night watch", permissions=[junk])
    changed = Site(root, "tutorarc_user").change(bob.pk, groups=[junk])
    refusal = [f"“{junk}” is not a valid value."]
    assert (errors(added)["permissions"], errors(changed)["groups"]) == (refusal, refusal)
