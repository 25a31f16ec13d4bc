"""The admin site as a whole: its policy, its sign-in, and what is shut there."""

import pytest
from django.test import Client

from tutorarc.contentsecurity import UNFOLD


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


def test_the_sign_in_page_of_the_admin_site_has_our_name_and_icon(db, client):
    page = client.get("/admin/login/").content.decode()
    assert page.count("TutorArc staff") == 2
    assert page.count('href="/static/tutorarc/icon.svg"') == 1


@pytest.mark.parametrize("to_field", ["", "id", "email", "no_such_field", "class_code", "\0"])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_an_address_that_names_a_field_to_look_by_breaks_nothing(staff, algebra, page, to_field):
    answers = [
        staff.get(f"/admin/classes/class/{key}/{page}/", {"_to_field": to_field}) for key in (algebra.pk, "junk")
    ]
    assert {answer.status_code for answer in answers} <= {200, 302, 400, 403}


def test_a_search_that_is_not_offered_is_not_found(staff):
    assert staff.get("/admin/search/", {"s": "a", "page": "junk"}).status_code == 404
