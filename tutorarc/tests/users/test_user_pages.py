"""The pages of users, for administrators."""

import pytest

from tutorarc.models import User
from tutorarc.tests.browser.browsing import FORM, HTML, form, headline

NEW = {
    "email": "eve@example.org",
    "display_name": "Eve",
    "global_role": "STUDENT",
    "external_id": "",
    "invite": "false",
}


@pytest.fixture
def browser(signed_in, admin):
    return signed_in(admin)


def test_the_list_links_to_each_person(browser, bob):
    page = browser.get("/users?search=bob", headers=HTML)
    assert [row.pk for row in page.context["rows"]] == [bob.pk]
    assert f'href="/api/v1/users/{bob.pk}"' in page.text


def test_a_person_is_added(browser):
    page = browser.post("/users", form(**NEW), FORM, headers=HTML)
    assert (page.status_code, headline(page)) == (201, "Eve")
    assert User.objects.get(email="eve@example.org").external_id is None


def test_a_refused_form_keeps_what_was_typed(browser, bob):
    page = browser.post("/users", form(**NEW | {"email": bob.email}), FORM, headers=HTML)
    assert (page.status_code, page.context["form"]["display_name"].value()) == (409, "Eve")
    assert page.context["form"].refusal == "There is already a person with the address bob@example.org."


def test_only_what_was_changed_on_the_page_is_written(browser, bob):
    address = f"/users/{bob.pk}"
    shown = {"display_name": "Bob", "global_role": "STUDENT", "external_id": "", "status": "ACTIVE"}
    sent = shown | {f"initial-{name}": value for name, value in shown.items()} | {"status": "DEACTIVATED"}
    User.objects.filter(pk=bob.pk).update(display_name="Robert")
    page = browser.post(address, form(_method="PATCH", **sent), FORM, headers=HTML)
    bob.refresh_from_db()
    assert (page.status_code, headline(page), bob.is_active, bob.display_name) == (200, "Robert", False, "Robert")


@pytest.mark.parametrize("address", ["/users", "/users/{}"])
def test_without_a_recent_confirmation_the_page_asks_for_it_in_place_of_the_form(browser, bob, address, settings):
    path = address.format(bob.pk)
    assert 'type="submit">Add person' in (page := browser.get("/users", headers=HTML)).text
    assert page.context["confirm"] == ""
    session = browser.session
    session.pop("account_authentication_methods", None)
    session.save()
    page = browser.get(path, headers=HTML)
    assert page.context["confirm"].startswith("/accounts/reauthenticate/?next=%2Fapi%2Fv1%2Fusers")
    assert 'name="display_name"' not in page.text


@pytest.mark.parametrize("person", ["bob", "alice"])
def test_others_see_no_page(signed_in, request, person):
    user = request.getfixturevalue(person)
    page = signed_in(user).get("/users", headers=HTML)
    assert (page.status_code, headline(page)) == (403, "You don’t have access to this page")
