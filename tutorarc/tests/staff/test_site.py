"""The admin site as a whole: its policy, its sign-in, and what is shut there."""

import pytest
from django.test import Client

from tutorarc.domain.history import SYSTEM
from tutorarc.http.security_headers import UNFOLD


@pytest.fixture
def staff(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.mark.parametrize("path", ["/admin/", "/admin/members/membership/", "/admin/apikeys/apikey/add/"])
def test_pages_of_the_admin_site_take_no_script_from_elsewhere_or_from_inside(staff, path):
    response = staff.get(path)
    assert (response.status_code, response["Content-Security-Policy"]) == (200, UNFOLD)
    assert "script-src 'self' 'unsafe-eval';" in UNFOLD
    assert "<script>" not in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/admin/", "/admin/members/membership/?q=a"])
def test_a_stranger_signs_in_where_everybody_does_and_comes_back(db, root, client, method, path):
    root.change_password(SYSTEM, "learn-by-doing")
    page = getattr(client, method)(path, follow=True)
    assert (page.status_code, page.templates[0].name) == (200, "accounts/sign_in.html")
    sent = {"username": root.email, "password": "learn-by-doing", "next": page.context["next"]}
    assert client.post("/accounts/login/", sent)["Location"] == path


def test_who_is_no_staff_is_told_so_and_shown_a_way_back(bob, client):
    client.force_login(bob)
    page = client.get("/admin/", follow=True)
    text = page.content.decode()
    assert (page.status_code, page.redirect_chain) == (403, [("/admin/login/?next=/admin/", 302)])
    assert "You are signed in as Bob (bob@example.org), and this account is not staff." in text
    assert '<a class="button" href="/">Go to the home page</a>' in text
    assert client.post("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("next_page", ["/admin/", "/accounts/login/", "https://elsewhere.example", "\0"])
def test_staff_who_come_to_the_sign_in_are_let_on(staff, next_page):
    page = staff.get("/admin/login/", {"next": next_page}, follow=True)
    assert (page.status_code, page.resolver_match.url_name) == (200, "index" if next_page == "/admin/" else "home")


def test_signing_out_of_the_admin_site_is_signing_out(staff):
    page = staff.post("/admin/logout/", follow=True)
    assert (page.resolver_match.url_name, "_auth_user_id" in staff.session) == ("home", False)


def test_one_signs_in_and_out_with_one_word(staff):
    page = staff.get("/admin/").content.decode()
    assert ("Sign out" in page, "Log out" in page) == (True, False)


@pytest.mark.parametrize("to_field", ["", "id", "email", "no_such_field", "class_code", "\0"])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_an_address_that_names_a_field_to_look_by_breaks_nothing(staff, algebra, page, to_field):
    answers = [
        staff.get(f"/admin/classes/class/{key}/{page}/", {"_to_field": to_field}) for key in (algebra.pk, "junk")
    ]
    assert {answer.status_code for answer in answers} <= {200, 302, 400, 403}


def test_a_search_that_is_not_offered_is_not_found(staff):
    assert staff.get("/admin/search/", {"s": "a", "page": "junk"}).status_code == 404
