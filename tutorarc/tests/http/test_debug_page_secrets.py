"""Django's debug page shows an error with its context, without secrets."""

import sys

import pytest
from django.test import Client, RequestFactory
from django.views.debug import technical_500_response

from apikeys import secrets
from tutorarc import settings as as_written

KEY = secrets.new_key()
SECRETS = {
    "X-API-Key": KEY,
    "Authorization": f"Bearer {KEY}",
    "Cookie": "sessionid=kept-in-the-session-cookie; csrftoken=kept-in-the-csrf-cookie",
}


def page_of_a_fault(settings, accept="text/html"):
    settings.DEBUG = True
    request = RequestFactory().get("/nowhere", headers={**SECRETS, "Accept": accept, "X-Trial": "shown-as-it-is"})
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        return technical_500_response(request, *sys.exc_info()).content.decode()


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_headers_with_credentials_are_masked(settings, accept):
    page = page_of_a_fault(settings, accept)
    assert "RuntimeError" in page
    assert "shown-as-it-is" in page
    shown = [name for name, value in SECRETS.items() if value in page]
    assert shown == []
    assert KEY[12:-4] not in page
    assert "kept-in-the-session-cookie" not in page


def test_no_secret_setting_is_shown(settings):
    page = page_of_a_fault(settings)
    assert "SECRET_KEY" in page
    assert as_written.SECRET_KEY not in page


def test_outside_debug_mode_a_server_error_shows_no_details(db, monkeypatch):
    monkeypatch.setattr("tutorarc.site.home.render", lambda *args, **options: 1 / 0)
    client = Client(raise_request_exception=False, headers=SECRETS)
    response = client.get("/")
    assert response.status_code == 500
    assert b"ZeroDivisionError" not in response.content
    assert KEY[12:-4].encode() not in response.content


@pytest.mark.parametrize("debug", [False, True])
def test_under_api_a_server_error_shows_no_details_in_either_mode(db, settings, monkeypatch, debug):
    settings.DEBUG = debug
    monkeypatch.setattr("apikeys.models.ApiKeyQuerySet.find", lambda *args: 1 / 0)
    client = Client(raise_request_exception=False, headers=SECRETS)
    response = client.get("/api/v1/me")
    assert (response.status_code, response.json()["error"]["reason"]) == (500, "internal_error")
    assert b"ZeroDivisionError" not in response.content
    assert KEY[12:-4].encode() not in response.content
