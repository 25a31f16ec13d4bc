"""Every URL of the admin site: a user without the right changes nothing there."""

import re
from itertools import product

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import URLResolver
from django.utils import timezone

from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.imports.models import Import
from tutorarc.jobs.models import EventConsumer, Job
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.tests.staff.admin_site import Site, everything
from tutorarc.webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.slow

OF_A_REGISTRAR = ("/admin/tutorarc/user/", "/admin/classes/class/", "/admin/members/membership/")


@pytest.fixture
def keys(algebra, bob, join, schedule, schedule_series, alice):
    """The id of a record of each kind, by where its pages are."""
    rows = [
        bob,
        algebra,
        join(algebra, bob, "PENDING"),
        schedule(klass=algebra),
        schedule_series(klass=algebra)[0].series,
        ApiKey.objects.issue(alice, SYSTEM)[0],
    ]
    rows += [Group.objects.first(), SecurityEvent.objects.record(SecurityEventKind.SIGN_OUT, user=bob)]
    webhook, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/hook")
    rows += [webhook, Delivery.objects.send_test(webhook, Actor(alice))]
    rows += [
        Job.objects.create(kind="prune", due_at=timezone.now()),
        EventConsumer.objects.create(name="x", position=0),
        Import.objects.create(kind="people", file_name="people.csv", by=alice, state="ready"),
    ]
    return {f"{row._meta.app_label}/{row._meta.model_name}/": row.pk for row in rows}


@pytest.fixture
def addresses(keys):
    def filled(route):
        key = next((key for place, key in keys.items() if route.startswith(place)), "nothing")
        return "/admin/" + re.sub(r"<[^>]+>", str(key), route)

    found = {filled(route) for route in routes(admin.site.get_urls()) if "(?P<" not in route}
    return sorted(found - {"/admin/logout/"})


@pytest.fixture
def forged(root, algebra, alice):
    """The fields of all forms at once."""
    password = "str0ng-enough-9"
    person = {
        "email": "stolen@example.org",
        "display_name": "Stolen",
        "global_role": "ADMIN",
        "usable_password": "true",
    }
    powers = {"is_staff": "on", "is_superuser": "on", "groups": list_of(Group), "permissions": list_of(Permission)}
    others = {"title": "Stolen", "name": "Stolen", "klass": algebra.pk, "user": alice.pk, "role": "TEACHER"}
    session = {"start_time_0": "2036-01-01", "start_time_1": "10:00", "duration": "5", "teacher_ref": "x"}
    key = {"owner": root.pk, "scopes": ["classes:read"], "password1": password, "password2": password}
    action = {"usable_password": "true", "index": "0", "sure": "yes", "post": "yes", "_saveasnew": "1"}
    return {**person, **powers, **others, **session, **key, **action}


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        yield from routes(pattern.url_patterns, route) if isinstance(pattern, URLResolver) else [route]


def list_of(model):
    return list(model.objects.values_list("pk", flat=True))


def rights():
    return list(Group.objects.order_by("pk").values_list("name", "permissions__codename"))


def work():
    return list(Job.objects.filter(kind="prune").values()), list(EventConsumer.objects.order_by("pk").values())


@pytest.mark.parametrize(("group", "number"), [("Support", 121), ("Registrar", 86), ("", 121), (None, 121)])
def test_staff_without_rights_change_nothing_at_any_url(make_user, keys, addresses, forged, group, number):
    user = make_user("Clerk", "TEACHER", is_staff=group is not None)
    user.groups.set(Group.objects.filter(name=group))
    site, before = Site(user, ""), (everything(), rights(), work())
    site.raise_request_exception = False
    closed = [address for address in addresses if group != "Registrar" or not address.startswith(OF_A_REGISTRAR)]
    assert len(closed) == number
    for action, address in product(("revoke", "cancel", "approve"), closed):
        ticked = [key for place, key in keys.items() if address.startswith(f"/admin/{place}")]
        sent = {**forged, "action": action, "_selected_action": ticked}
        assert (address, site.post(address, sent).status_code < 500) == (address, True)
    assert (everything(), rights(), work()) == before
