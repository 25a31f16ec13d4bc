"""Pages with a name on them are stored by no browser or proxy, and signing out clears what a browser stored."""

import re

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

HTML = {"Accept": "text/html"}
NO_STORE = "private, no-store"


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


def every_path(ids):
    """A path of each route; ids and other values are filled in."""
    found = {"/" + _filled(route, ids) for route in routes(get_resolver().url_patterns)}
    return sorted(path for path in found if "(" not in path)


def _filled(route, ids):
    plain = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", re.sub(r"\\Z|[\^$]", "", route))
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: ids.get(found[1], "nothing"), plain)


@pytest.fixture
def ids(algebra, schedule, root):
    return {"class_id": algebra.pk, "session_id": schedule().pk, "object_id": root.pk, "slug": "errors"}


@pytest.mark.slow
@pytest.mark.parametrize("who", ["alice", "bob", "root"])
def test_no_page_with_the_name_of_the_user_is_stored(request, who, ids):
    person = request.getfixturevalue(who)
    client = Client(raise_request_exception=False, headers=HTML)
    client.force_login(person)
    named, stored = [], []
    for path in every_path(ids):
        response = client.get(path)
        if response.streaming or person.display_name not in response.text:
            continue
        named.append(path)
        if "no-store" not in response.get("Cache-Control", ""):
            stored.append(path)
    assert (len(named) > 10, stored) == (True, [])


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/errors", "/api/v1/classes", "/admin/"])
def test_what_a_signed_in_user_gets_is_never_stored(client, root, path):
    client.force_login(root)
    assert client.get(path, headers=HTML)["Cache-Control"] == NO_STORE


def test_the_reference_may_be_stored_for_a_visitor_without_a_sign_in(client, db):
    assert "Cache-Control" not in client.get("/api/docs")


# Signing out


@pytest.mark.parametrize("path", ["/accounts/logout/", "/admin/logout/"])
def test_a_sign_out_over_tls_clears_what_the_browser_stored(client, alice, path):
    client.force_login(alice)
    assert client.post(path, secure=True)["Clear-Site-Data"] == '"cache", "storage"'


def test_without_tls_browsers_would_ignore_it(client, alice):
    client.force_login(alice)
    assert "Clear-Site-Data" not in client.post("/accounts/logout/")


def test_no_other_page_clears_anything(client, alice):
    client.force_login(alice)
    assert "Clear-Site-Data" not in client.get("/", secure=True)
