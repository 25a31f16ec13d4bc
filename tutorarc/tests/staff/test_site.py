"""The admin site as a whole: its policy, its sign-in, and disabled features."""

import pytest
from django.test import Client

from tutorarc.domain.events import SYSTEM
from tutorarc.http.security_headers import UNFOLD


@pytest.fixture
def staff(root):
    client = Client()
    client.force_login(root)
    return client


@pytest.mark.parametrize("path", ["/admin/", "/admin/members/membership/", "/admin/apikeys/apikey/add/"])
def test_the_policy_of_admin_pages_allows_no_external_or_inline_script(staff, path):
    response = staff.get(path)
    assert (response.status_code, response["Content-Security-Policy"]) == (200, UNFOLD)
    assert "script-src 'self' 'unsafe-eval';" in UNFOLD
    assert "<script>" not in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["/admin/", "/admin/members/membership/?q=a"])
def test_a_visitor_is_redirected_to_the_common_sign_in_and_back(db, root, client, method, path):
    root.change_password(SYSTEM, "correct-horse-battery")
    page = getattr(client, method)(path, follow=True)
    assert (page.status_code, page.templates[0].name) == (200, "account/login.html")
    sent = {"username": root.email, "password": "correct-horse-battery", "next": page.context["redirect_field_value"]}
    assert client.post("/accounts/login/", sent)["Location"] == path


def test_a_user_who_is_not_staff_gets_a_403_page_with_a_link_home(bob, client):
    client.force_login(bob)
    page = client.get("/admin/", follow=True)
    text = page.content.decode()
    assert (page.status_code, page.redirect_chain) == (403, [("/admin/login/?next=/admin/", 302)])
    assert "You are signed in as <bdi>Bob</bdi> (bob@example.org), which is not a staff account." in text
    assert '<a class="button" href="/">Go to the home page</a>' in text
    assert client.post("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("next_page", ["/admin/", "/accounts/login/", "https://elsewhere.example", "\0"])
def test_signed_in_staff_are_redirected_from_the_sign_in_page(staff, next_page):
    page = staff.get("/admin/login/", {"next": next_page}, follow=True)
    assert (page.status_code, page.resolver_match.url_name) == (200, "index" if next_page == "/admin/" else "home")


def test_signing_out_of_the_admin_site_is_signing_out(staff):
    page = staff.post("/admin/logout/", follow=True)
    assert (page.resolver_match.url_name, "_auth_user_id" in staff.session) == ("home", False)


def test_the_admin_site_says_sign_out(staff):
    page = staff.get("/admin/").content.decode()
    assert ("Sign out" in page, "Log out" in page) == (True, False)


@pytest.mark.parametrize("to_field", ["", "id", "email", "no_such_field", "class_code", "\0"])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_a_to_field_parameter_causes_no_server_error(staff, algebra, page, to_field):
    answers = [
        staff.get(f"/admin/classes/class/{key}/{page}/", {"_to_field": to_field}) for key in (algebra.pk, "junk")
    ]
    assert {answer.status_code for answer in answers} <= {200, 302, 400, 403}


def test_the_global_search_is_disabled(staff):
    assert staff.get("/admin/search/", {"s": "a", "page": "junk"}).status_code == 404
