"""The pages on which people delete their account."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.models import SecurityEvent, User
from tutorarc.testing.erasing import do_erasing_jobs

PAGE, CONFIRM, DONE = "/accounts/delete", "/accounts/delete/confirm", "/accounts/deleted"
PASSWORD = "correct-horse-battery"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def browser(erin):
    """Erin's, who signed in a moment ago."""
    client = Client()
    client.post("/accounts/login/", {"username": erin.email, "password": PASSWORD})
    return client


def test_the_page_says_what_happens(browser):
    assert "This can’t be undone." in browser.get(PAGE).text


def test_the_password_is_asked_for_again(client, erin, settings):
    client.force_login(erin)
    settings.CONFIRMED_FOR = timedelta()
    for response in (client.get(CONFIRM), client.post(CONFIRM)):
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/accounts/reauthenticate/")
    assert not User.objects.get(pk=erin.pk).is_deleted


def test_what_ends_is_named(browser, erin, dora, schedule):
    klass = Class.objects.create_with_teacher(Actor(dora), title="Chess")
    Membership.objects.enrol(klass, erin, "TEACHER", Actor(dora))
    start = timezone.now() + timedelta(days=1)
    schedule(by=erin, title="Trial lesson", start_time=start)
    schedule(by=erin, klass=klass, title="Openings", start_time=start)
    page = browser.get(CONFIRM).text
    assert [text in page for text in ("Chess", "Trial lesson", "1 lesson that you planned for a class stays.")] == [
        *[True] * 3
    ]
    assert "Openings" not in page


def test_an_account_is_deleted_and_signed_out_everywhere(browser, erin, client):
    client.post("/accounts/login/", {"username": erin.email, "password": PASSWORD})
    stored = Session.objects.latest("expire_date").pk
    response = browser.post(CONFIRM, follow=True)
    assert (response.redirect_chain, response.status_code) == ([(DONE, 302)], 200)
    assert [one.get("/accounts/").status_code for one in (browser, client)] == [302, 302]
    again = Client().post("/accounts/login/", {"username": erin.email, "password": PASSWORD})
    assert (again.status_code, User.objects.get(pk=erin.pk).is_deleted) == (200, True)
    kinds = SecurityEvent.objects.filter(user=erin).order_by("pk").values_list("kind", flat=True)
    assert "account.deleted" in kinds
    do_erasing_jobs()
    assert Session.objects.filter(pk=stored).count() == 0
    assert User.objects.get(pk=erin.pk).display_name == "Deleted user"


def test_the_only_teacher_hands_over_or_archives_first(browser, erin):
    klass = Class.objects.create_with_teacher(Actor(erin), title="Chess")
    page = browser.get(CONFIRM).text
    assert (f"/classes/{klass.pk}/transfer" in page, f"/classes/{klass.pk}/settings" in page) == (True, True)
    assert "Delete my account</button>" not in page
    assert (browser.post(CONFIRM).status_code, User.objects.get(pk=erin.pk).is_active) == (409, True)
    assert Job.objects.filter(kind="erase_account").count() == 0


def test_the_last_superuser_is_told(make_user):
    root = make_user("Root", "ADMIN", password=PASSWORD, is_staff=True, is_superuser=True)
    browser = Client()
    browser.post("/accounts/login/", {"username": root.email, "password": PASSWORD})
    assert "You are the last active superuser" in browser.get(CONFIRM).text
    assert (browser.post(CONFIRM).status_code, User.objects.get(pk=root.pk).is_active) == (409, True)


def test_the_page_reads_no_row_more_for_more_classes(browser, erin, dora, django_assert_num_queries):
    for number in range(12):
        klass = Class.objects.create_with_teacher(Actor(dora), title=f"Class {number}")
        Membership.objects.enrol(klass, erin, "STUDENT", Actor(dora))
    with django_assert_num_queries(13):
        page = browser.get(CONFIRM).text
    assert "And 2 more." in page
