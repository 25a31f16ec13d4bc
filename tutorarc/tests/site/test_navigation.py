"""The navigation at the top of every page."""

import re

import pytest

from apikeys.models import ApiKey
from tutorarc.domain.history import Actor

LINK = re.compile(r'<a [^>]*?href="([^"]+)"(?: aria-current="(\w+)")?[^>]*>(?:<bdi>)?([^<]+)(?:</bdi>)?</a>')
LINKS = [
    ("/accounts/", "", "Bob"),
    ("/api/v1/classes", "", "Classes"),
    ("/api/v1/sessions", "", "Live sessions"),
    ("/developers/keys", "", "Keys"),
    ("/api/docs", "", "Reference"),
]


def links(page):
    top = page.content.decode().split("</header>")[0]
    return LINK.findall(top.partition("<nav")[2])


def test_a_visitor_sees_links_to_the_reference_and_the_sign_in(client, db):
    assert links(client.get("/")) == [("/api/docs", "", "Reference"), ("/accounts/login/", "", "Sign in")]


def test_the_sign_in_page_has_no_link_to_itself(client, db):
    assert links(client.get("/accounts/login/")) == [("/api/docs", "", "Reference")]


def test_a_signed_in_user_sees_all_links(client, bob):
    client.force_login(bob)
    assert links(client.get("/")) == LINKS


def test_staff_see_a_link_to_the_admin_site_too(client, root):
    client.force_login(root)
    assert links(client.get("/")) == [("/accounts/", "", "Root"), *LINKS[1:], ("/admin/", "", "Admin")]


@pytest.mark.parametrize(("path", "current"), [("/developers/keys", "page"), ("/developers/keys/{}/revoke", "true")])
def test_the_current_page_is_marked(client, alice, path, current):
    key, _ = ApiKey.objects.issue(alice, Actor(alice))
    client.force_login(alice)
    marked = [(href, mark) for href, mark, _ in links(client.get(path.format(key.pk))) if mark]
    assert marked == [("/developers/keys", current)]


def test_the_lobby_has_no_other_links(client, settings, schedule, bob):
    settings.BOARD_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    link = schedule().student_link
    assert links(client.get(link)) == []
    client.force_login(bob)
    assert links(client.get(link)) == LINKS
