"""The page to create a class."""

import pytest

from classes.models import Class
from tutorarc.tests.browser.browsing import field_errors, headline, notices, offers

PAGE = "/classes/new"


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_teachers_and_administrators_create_classes(client, request, who, django_assert_num_queries):
    client.force_login(request.getfixturevalue(who))
    with django_assert_num_queries(2):
        page = client.get(PAGE)
    assert (page.status_code, headline(page), offers(page)) == (200, "Create a class", ["POST /classes"])
    html = page.content.decode()
    assert html.count('<form method="post" action="/api/v1/classes"') == 1
    assert "autofocus" in html[html.index('name="title"') :].partition(">")[0]


def test_students_create_none(client, bob):
    client.force_login(bob)
    assert client.get(PAGE).status_code == 403


def test_it_asks_for_a_sign_in_first(client, db):
    response = client.get(PAGE)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={PAGE}")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_accepts_get_only(client, alice, method):
    client.force_login(alice)
    assert getattr(client, method)(PAGE).status_code == 405


def test_a_class_is_created_and_shown_with_its_code(post_form, alice):
    page = post_form(alice, "/classes", title=" Botany ", description="")
    made = Class.objects.get()
    assert (page.status_code, headline(page), made.title) == (201, "Botany", "Botany")
    assert notices(page) == ["Class created. Share its code so that students can ask to join."]
    assert made.class_code in page.content.decode()
    assert f'data-address="/api/v1/classes/{made.pk}"'.encode() in page.content


def test_errors_are_shown_beside_their_field_and_typed_values_stay(post_form, alice):
    page = post_form(alice, "/classes", title=" ", description="Flowers & <b>trees</b>")
    assert (page.status_code, headline(page)) == (400, "Create a class")
    assert field_errors(page, "form") == {"title": ["This field may not be blank."]}
    assert page.content.decode().count('<form method="post" action="/api/v1/classes"') == 1
    assert "Flowers &amp; &lt;b&gt;trees&lt;/b&gt;</textarea>" in page.content.decode()
    assert Class.objects.count() == 0
