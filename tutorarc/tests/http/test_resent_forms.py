"""A form that meets a 503 can be sent again as it was typed."""

import re
import time
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from classes.models import Class
from tutorarc import settings as as_written
from tutorarc.domain import password_hashing
from tutorarc.domain.events import SYSTEM
from tutorarc.http.overload import OverloadControl
from tutorarc.tests.browser.browsing import FORM, HTML

PASSWORD = "plum harbour 91"
SIGN_IN = "/accounts/login/"


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.fixture
def browser(db):
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def fields(browser, erin):
    """A filled in sign-in form."""
    browser.get(SIGN_IN)
    return {"username": erin.email, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"].value}


@contextmanager
def database_away():
    def fail(*args, **options):
        raise OperationalError("server closed the connection")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        yield


def form_on(page):
    """Address and fields of the form that an error page offers."""
    [(address, form)] = re.findall(
        r'<form method="post" action="([^"]*)"[^>]*>\s*<input type="hidden" name="form" value="([^"]*)">', page
    )
    return unescape(address), {"form": unescape(form)}


def refused(browser, fields, path=SIGN_IN):
    response = send(browser, path, fields)
    page = response.content.decode()
    assert (response.status_code, "no-store" in response["Cache-Control"], "harbour" in page) == (503, True, False)
    return form_on(page)


def send(browser, address, fields, **options):
    """As browsers send a form: the test client's own format is for files."""
    return browser.generic("POST", address, urlencode(fields), FORM, **options)


def test_a_sign_in_while_the_database_is_away_is_sent_again_with_its_password(browser, fields):
    with database_away():
        address, form = refused(browser, fields)
    assert address == f"{SIGN_IN}?_resent=1"
    assert send(browser, address, form)["Location"] == "/"
    assert "_auth_user_id" in browser.session


def test_it_can_be_refused_several_times(browser, fields):
    with database_away():
        address, form = refused(browser, fields)
        address, form = refused(browser, form, address)
    assert address == f"{SIGN_IN}?_resent=2"
    assert send(browser, address, form)["Location"] == "/"


def test_the_query_of_the_page_is_kept(browser, fields):
    with database_away():
        address, form = refused(browser, fields, f"{SIGN_IN}?next=/accounts/")
    assert address == f"{SIGN_IN}?next=/accounts/&_resent=1"
    assert send(browser, address, form)["Location"] == "/accounts/"


def test_where_too_many_passwords_are_checked_the_page_sends_the_form_by_itself(browser, erin, fields, settings):
    settings.PASSWORD_HASHERS = as_written.PASSWORD_HASHERS
    erin.change_password(SYSTEM, PASSWORD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_hashing, "MAX_WAITING", -1)
        response = browser.post(SIGN_IN, fields)
        page = response.content.decode()
        assert (response.status_code, response["Retry-After"]) == (503, "3")
        assert (re.findall(r'data-wait="(\d+)"', page), "resend.js" in page) == (["3"], True)
        again = [send(browser, f"{SIGN_IN}?_resent={times}", form_on(page)[1]).content.decode() for times in (1, 8)]
        assert [re.findall(r'data-wait="(\d+)"', page) for page in again] == [["6"], []]
    assert send(browser, *form_on(page))["Location"] == "/"


def test_an_outage_is_left_to_the_person_who_knows_whether_it_went_through(browser, fields):
    with database_away():
        page = browser.post(SIGN_IN, fields).content.decode()
    assert ("data-wait" in page, "resend.js" in page) == (False, False)


def test_the_csrf_token_of_the_form_is_checked(browser, fields):
    with database_away():
        address, form = refused(browser, fields)
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(SIGN_IN)
    assert send(stranger, address, form).status_code == 403


@pytest.mark.parametrize(("minutes", "location"), [(9, "/"), (11, SIGN_IN)])
def test_it_is_good_for_ten_minutes(browser, fields, time_machine, minutes, location):
    time_machine.move_to(time.time(), tick=False)
    with database_away():
        address, form = refused(browser, fields)
    time_machine.shift(timedelta(minutes=minutes))
    assert send(browser, address, form)["Location"] == location


def test_it_is_good_for_its_own_page(browser, fields):
    with database_away():
        _, form = refused(browser, fields)
    answer = send(browser, "/accounts/password/?_resent=1", form)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/password/")


@pytest.mark.parametrize("form", [{"form": "junk"}, {"form": "é" * 100}, {"other": "x" * 70_000}])
def test_anything_else_leads_to_the_empty_form(browser, fields, form):
    answer = send(browser, f"{SIGN_IN}?_resent=1", form)
    assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)


def test_a_form_with_a_file_and_a_long_one_are_not_kept(browser, fields):
    file = SimpleUploadedFile("people.csv", b"email\n")
    with database_away():
        pages = [
            browser.post(SIGN_IN, more).content for more in ({**fields, "file": file}, {**fields, "x": "y" * 17_000})
        ]
    assert [b'name="form"' in page for page in pages] == [False, False]


def test_a_call_of_the_api_is_left_alone(api, alice):
    answer = api(alice).post("/classes?_resent=1", {"title": "Algebra"})
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "unknown_parameter")


def test_a_form_of_the_api_pages_is_kept_too(signed_in, alice):
    browser = signed_in(alice)
    with database_away():
        page = send(browser, "/classes", {"title": "Rings"}, headers=HTML).content.decode()
    assert send(browser, *form_on(page), headers=HTML).status_code == 201
    assert [klass.title for klass in Class.objects.all()] == ["Rings"]


def test_a_form_refused_because_of_overload_is_kept_and_sent_by_itself(browser, fields, settings):
    settings.TRUSTED_PROXIES = 1
    answers = []

    def refuse(path, form):
        control = OverloadControl(lambda *_: [])
        control._accepts = lambda _: False
        environ = RequestFactory().generic("POST", path, urlencode(form), FORM).environ
        return b"".join(control(environ, lambda *answer: answers.append(answer))).decode()

    page = refuse(SIGN_IN, fields)
    page = refuse(*form_on(page))
    assert re.findall(r'data-wait="(\d+)"', page) == ["4"]
    assert [dict(headers)["Cache-Control"] for _, headers in answers] == ["no-store", "no-store"]
    assert send(browser, *form_on(page))["Location"] == "/"


@pytest.mark.parametrize("path", ["//evil.example/", "//evil.example"])
def test_it_never_leads_to_another_site(browser, path):
    answer = browser.generic("POST", "/", b"form=x", FORM, PATH_INFO=path, QUERY_STRING="_resent=1")
    assert answer["Location"] == path.replace("//", "/%2F")
