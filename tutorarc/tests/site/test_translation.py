"""All texts of pages go through gettext: in a pseudo-locale nothing else is left on them."""

import pytest

from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.tests.site.pseudo_locale import pseudo_locale, unmarked_texts

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
    "/accounts/notifications",
    "/accounts/2fa/",
    "/developers/keys",
    "/developers/log",
    "/developers/webhooks",
    "/developers/webhooks/new",
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


@pytest.fixture
def unmarked(client, alice, bob, charlie, algebra, join, schedule, monkeypatch):
    User.objects.filter(pk__in=[alice.pk, bob.pk, charlie.pk]).update(display_name="1")  # names without letters
    klass = algebra.edit(Actor(alice), title="12", description="")
    join(klass, bob)
    join(klass, charlie, "PENDING")
    session = schedule(klass=klass, title="7", teacher_ref="3")

    def texts(user, path):
        if user:
            client.force_login(User.objects.get(pk=user.pk))
        with pseudo_locale(monkeypatch):
            page = client.get(path.format(klass=klass.pk, session=session.pk), headers={"Accept": "text/html"})
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
