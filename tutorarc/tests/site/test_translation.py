"""All texts of pages go through gettext: in a pseudo-locale nothing else is left on them."""

import pytest

from apikeys.models import ApiKey, RefusedCall
from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.tests.site.pseudo_locale import pseudo_locale, unmarked_texts
from tutorarc.webhooks.models import Delivery, Endpoint

SIGNED_OUT = ["/accounts/login/", "/accounts/password/reset/", "/nowhere", "/j"]
OF_TEACHER = [
    "/",
    "/api/v1/classes",
    "/api/v1/classes/{klass}",
    "/api/v1/classes/{klass}/members",
    "/api/v1/classes/{klass}/settings",
    "/api/v1/events?class_id={klass}",
    "/api/v1/sessions",
    "/api/v1/sessions?classId={klass}",
    "/api/v1/sessions/{session}",
    "/classes/new",
    "/lessons/new?class={klass}",
    "/j",
    "/accounts/",
    "/accounts/activity/",
    "/accounts/data",
    "/accounts/notifications",
    "/accounts/2fa/",
    "/developers/keys",
    "/developers/log",
    "/developers/webhooks",
    "/developers/webhooks/new",
    "/developers/keys/new",
    "/developers/keys/{key}/rotate",
    "/developers/keys/{key}/revoke",
    "/developers/webhooks/{webhook}",
    "/developers/webhooks/{webhook}/edit",
    "/developers/webhooks/{webhook}/rotate",
    "/developers/webhooks/{webhook}/replay",
    "/developers/webhooks/{webhook}/delete",
    "/classes/{klass}/history?name=7",
    "/api/v1/events",
    "/api/v1/events?class_id={klass}&type=class.created",
    "/api/v1/events?session_id={session}",
    "/api/v1/classes/{stranger}",
    "/api/v1/classes/{stranger}/members",
    "/api/v1/events?class_id={stranger}",
    "/join?id={session}",
    "/board?id={session}",
]
OF_STUDENT = [
    "/",
    "/api/v1/classes",
    "/api/v1/classes/{klass}",
    "/api/v1/classes/{klass}/members",
    "/api/v1/sessions",
    "/j",
]


def refused_key(owner):
    """A key with a refused call, which the log explains."""
    key, _ = ApiKey.objects.issue(owner, Actor(owner), name="1")
    told = {"status": 404, "reason": "unknown_id", "message": "1", "fields": []}
    call = {"method": "GET", "path": "/api/v1/classes/1", "route": "/api/v1/classes/{class_id}", "request_id": "1"}
    RefusedCall.objects.write([RefusedCall(api_key=key, owner=owner, **told, **call)])
    return key


def used_webhook(owner):
    endpoint, _ = Endpoint.objects.register(owner, Actor(owner), url="https://1.example", description="1")
    Delivery.objects.send_test(endpoint, Actor(owner))
    return endpoint


@pytest.fixture
def unmarked(client, alice, bob, charlie, dora, algebra, join, schedule, monkeypatch):
    User.objects.filter(pk__in=[alice.pk, bob.pk, charlie.pk]).update(display_name="1")  # names without letters
    klass = algebra.edit(Actor(alice), title="12", description="")
    join(klass, bob)
    join(klass, charlie, "PENDING")
    session = schedule(klass=klass, title="7", teacher_ref="3")
    addresses = {
        "klass": klass.pk,
        "session": session.pk,
        "key": refused_key(alice).pk,
        "webhook": used_webhook(alice).pk,
        "stranger": Class.objects.create_with_teacher(Actor(dora), title="5").pk,
    }

    def texts(user, path):
        if user:
            client.force_login(User.objects.get(pk=user.pk))
        with pseudo_locale(monkeypatch):
            page = client.get(path.format(**addresses), headers={"Accept": "text/html"})
        return unmarked_texts(page.content.decode())

    return texts


@pytest.mark.django_db
@pytest.mark.parametrize("path", SIGNED_OUT)
def test_pages_for_visitors(unmarked, path):
    assert unmarked(None, path) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", OF_TEACHER)
def test_pages_of_a_teacher(unmarked, path, alice):
    assert unmarked(alice, path) == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", OF_STUDENT)
def test_pages_of_a_student(unmarked, path, bob):
    assert unmarked(bob, path) == []
