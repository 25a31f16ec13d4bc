"""The browsable API: what all its pages have in common."""

import re

import pytest
from django.db import OperationalError
from django.urls import reverse

from classes.models import Class
from tutorarc import urls
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import FORM, HTML, form, headline, notices, offers
from tutorarc.tests.webhooks.expected import URL, new_webhook
from tutorarc.webhooks.models import Delivery


def test_other_clients_get_json(api, signed_in, alice, algebra):
    path = f"/classes/{algebra.pk}"
    answers = [signed_in(alice).get(path, headers=headers) for headers in ({}, {"Accept": "*/*"})]
    answers += [api(alice).get(path), signed_in(alice).get(f"{path}?format=json", headers=HTML)]
    assert {(answer.status_code, answer["Content-Type"]) for answer in answers} == {(200, "application/json")}
    assert len({answer.content for answer in answers}) == 1


def test_a_page_shows_developers_its_api_call(signed_in, alice, algebra):
    page = signed_in(alice).get("/classes", headers=HTML).content.decode()
    assert "<code>GET /api/v1/classes</code> was answered with 200." in page
    assert 'href="/api/v1/classes?format=json&amp;status=ACTIVE"' in page
    assert 'href="/api/docs#listClasses"' in page
    assert f"&quot;class_code&quot;: &quot;{algebra.class_code}&quot;" in page


def test_pages_are_not_cached(signed_in, alice, algebra):
    for path in ("/classes", f"/classes/{algebra.pk}", "/classes/cls_1"):
        assert "no-store" in signed_in(alice).get(path, headers=HTML)["Cache-Control"]


def test_me_is_a_page(signed_in, alice):
    page = signed_in(alice).get("/me", headers=HTML)
    assert (page.status_code, headline(page)) == (200, "Who am I?")
    assert ("Display name", "Alice") in page.context["facts"]


def test_the_api_keys_page_redirects_to_the_developer_page(signed_in, alice):
    browser = signed_in(alice)
    for page in (browser.get("/api-keys", headers=HTML), browser.get("/api-keys/key_1/rotate", headers=HTML)):
        assert b'href="/developers/keys"' in page.content
    page = browser.post("/api-keys", form(name="Sync"), FORM, headers=HTML)
    assert (page.status_code, b"Copy the key now." in page.content) == (201, True)
    key = dict(page.context["facts"])["Id"]
    gone = browser.delete(f"/api-keys/{key}", headers=HTML)
    assert (gone.status_code, gone.content) == (204, b"")


def test_the_pages_of_webhooks_lead_to_the_developer_page(signed_in, alice):
    browser = signed_in(alice)
    page = browser.post("/webhooks", form(url=URL), FORM, headers=HTML)
    assert (page.status_code, b"Copy the secret now." in page.content) == (201, True)
    path = f"/webhooks/{dict(page.context['facts'])['Id']}"
    pages = [page, *(browser.get(address, headers=HTML) for address in ("/webhooks", path, f"{path}/deliveries"))]
    assert [b'href="/developers/webhooks"' in page.content for page in pages] == [True] * 4


def test_a_wrong_field_without_a_form_is_named(signed_in, alice):
    page = signed_in(alice).post("/api-keys", form(name="", scope="x"), FORM, headers=HTML)
    assert page.context["errors"] == [
        "name: this field may not be blank.",
        "scope: there is no such field here. Did you mean scopes?",
    ]


def test_the_admission_page_is_public(client, schedule):
    page = client.get(f"/api/v1/sessions/{schedule().pk}/admission?role=student", headers=HTML)
    assert (page.status_code, headline(page)) == (200, "Who gets in, and when?")
    assert page.context["facts"][:2] == [("Admitted", "no"), ("Reason", "over")]


def test_an_unknown_id_has_a_404_page(signed_in, alice):
    page = signed_in(alice).get("/classes/cls_1", headers=HTML)
    assert (page.status_code, headline(page)) == (404, "Page not found")


def test_a_form_without_its_csrf_token_is_refused_with_a_clear_message(browser_client, alice):
    page = browser_client(alice).post("/classes", form(title="Botany"), FORM, headers=HTML)
    assert (page.status_code, Class.objects.count()) == (403, 0)
    assert headline(page) == "This page was open for too long"
    assert page.context["kept"] == [("Title", "Botany")]
    assert re.findall(r"<textarea[^>]* readonly>(.*?)</textarea>", page.content.decode()) == ["Botany"]


def test_a_user_whose_session_has_expired_keeps_what_they_typed(client, algebra):
    body = form(title="Botany", description="Flowers\nand trees", duration="60")
    for path in ("/classes", f"/classes/{algebra.pk}", "/sessions"):
        page = client.post(f"/api/v1{path}", body, FORM, headers=HTML)
        assert (page.status_code, headline(page)) == (401, "Please sign in")
        assert page.context["kept"] == [("Title", "Botany"), ("Description", "Flowers\nand trees")]
        assert f"/accounts/login/?next=/api/v1{path}".encode() in page.content
    shown = page.content.decode()
    assert "Sign in to see this page. Nothing was changed. Sign in, and send it again." in shown
    assert "API key" not in shown


@pytest.mark.parametrize(
    ("content_type", "body"), [(FORM, b"title=\xff"), ("application/json", b'{"title": "Botany"}')]
)
def test_a_body_that_is_no_form_is_not_shown_again_to_a_signed_out_user(client, db, content_type, body):
    page = client.post("/api/v1/classes", body, content_type, headers=HTML)
    assert (page.status_code, page.context["kept"]) == (401, [])


def test_a_refused_key_gets_a_page(client, db):
    page = client.get("/api/v1/classes", headers={"Accept": "text/html", "X-API-Key": "nonsense"})
    assert (page.status_code, "API key" in page.context["problem"]) == (401, True)


def test_a_page_says_who_may_in_plain_words(signed_in, bob):
    page = signed_in(bob).post("/classes", form(title="Botany"), FORM, headers=HTML)
    assert (page.status_code, page.context["problem"]) == (403, "Only a teacher or an administrator may do this.")


@pytest.mark.parametrize(("person", "shown"), [(None, False), ("bob", False), ("alice", True), ("root", True)])
def test_only_those_who_teach_see_the_call_behind_a_page(request, client, bob, algebra, join, schedule, person, shown):
    join(algebra, bob)
    if person:
        client.force_login(request.getfixturevalue(person))
    for path in ("/classes", f"/classes/{algebra.pk}/members", f"/sessions/{schedule(klass=algebra).pk}"):
        page = client.get(f"/api/v1{path}", headers=HTML).content.decode()
        assert ("the call behind this page" in page) == shown


def test_a_page_says_why_a_url_shows_nothing(signed_in, alice):
    page = signed_in(alice).get("/join-requests", headers=HTML)
    assert (page.status_code, headline(page)) == (405, "This page can’t be opened directly")
    assert b"<p>It belongs to a button on another page.</p>" in page.content
    assert "GET is not possible here. This path takes POST and OPTIONS." in page.context["raw"]


def test_too_many_requests_have_a_page(signed_in, alice, settings):
    settings.RATE_LIMIT = 1
    browser = signed_in(alice)
    page = [browser.get("/classes", headers=HTML) for _ in range(2)][-1]
    assert (page.status_code, headline(page), "Retry-After" in page) == (429, "Too many requests", True)


def test_the_page_of_a_server_error_uses_no_database(signed_in, alice, monkeypatch):
    monkeypatch.setattr("classes.models.ClassQuerySet.visible_to", _is_away)
    page = signed_in(alice).get("/classes", headers=HTML)
    assert (page.status_code, headline(page)) == (503, "Something went wrong here")
    assert page["X-Request-ID"].encode() in page.content


def _is_away(*args):
    raise OperationalError


def test_a_reload_sends_no_form_again(signed_in, alice, algebra):
    page = signed_in(alice).post(f"/classes/{algebra.pk}/archive", form(), FORM, headers=HTML)
    [address] = re.findall(r'data-address="([^"]+)"', page.content.decode())
    assert address == f"/api/v1/classes/{algebra.pk}/settings"
    page = signed_in(alice).get(address, headers=HTML)
    assert (notices(page), offers(page)) == ([], [f"POST /classes/{algebra.pk}/unarchive"])


@pytest.mark.parametrize("content_type", [FORM, "application/json", "text/plain"])
def test_a_malformed_body_is_refused_with_its_page(signed_in, alice, content_type):
    page = signed_in(alice).post("/classes", b"\xff{" + b"=%" * 3, content_type, headers=HTML)
    assert page.status_code in (400, 415)
    assert page["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("query", ["titel=Algebra", "classId=junk", "cursor=junk", "page_size=0"])
def test_a_wrong_parameter_without_a_field_is_named_above_the_form(signed_in, alice, query):
    page = signed_in(alice).get(f"/sessions?{query}", headers=HTML)
    name = query.split("=")[0]
    assert page.status_code == 400
    assert [words.startswith(f"{name}: ") for words in notices(page)] == [True]


ODD_BODIES = [
    (FORM, b"_method=PATCH&title=%00"),
    (FORM, b"user_ids[0]=x&role[]=1"),
    (FORM, b"\xff&=&%"),
    (FORM, b"_method=PUT"),
]
ODD_BODIES += [("application/json", b"[]"), ("application/json", b'{"user_ids": {}}'), ("multipart/form-data", b"--")]


@pytest.mark.slow
@pytest.mark.parametrize(("content_type", "body"), ODD_BODIES)
@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("person", ["alice", "bob", "charlie", "admin"])
def test_no_form_input_causes_a_server_error(
    request, signed_in, alice, bob, algebra, join, schedule, person, archived, content_type, body
):
    join(algebra, bob, "PENDING")
    session = schedule(klass=algebra)
    if archived:
        algebra.archive(Actor(alice))
    webhook = new_webhook(alice)
    sent = Delivery.objects.send_test(webhook, Actor(alice))
    named = {"class_id": algebra.pk, "session_id": session.pk, "user_id": bob.pk, "key_id": "key_1"}
    named |= {"webhook_id": webhook.pk, "delivery_id": sent.pk, "invitation_id": "inv_1", "series_id": "ser_1"}
    browser = signed_in(request.getfixturevalue(person))
    for route in urls.v1:
        if route.name == "api-root":
            continue
        groups = {name: named[name] for name in route.pattern.regex.groupindex}
        path = reverse(route.name, kwargs=groups)
        for method in ("get", "post", "options"):
            given = {} if method == "get" else {"data": body, "content_type": content_type}
            page = getattr(browser, method)(path, headers=HTML, **given)
            assert (method, path, page.status_code < 500) == (method, path, True)
            assert page["Content-Type"] == "text/html; charset=utf-8"


def test_options_describes_a_url_and_its_fields(api, alice, algebra):
    answer = api(alice).options(f"/classes/{algebra.pk}/members").json()
    assert (answer["name"], answer["description"]) == (
        "Members",
        "The members of a class and their join requests.",
    )
    post = answer["actions"]["POST"]
    fields = post.pop("fields")
    assert post == {
        "does": "Add someone without a join request",
        "about": "Direct enrolment: the membership is approved at once. Use it to add a co-teacher. "
        "Teachers of the class can add people who are or were in a class that they teach, administrators everybody.",
        "who": "a teacher of this class or an administrator (global role ADMIN)",
    }
    assert list(answer["actions"]) == ["GET", "POST"]
    assert {name: (field["type"], field["required"]) for name, field in fields.items()} == {
        "role": ("choice", True),
        "user_id": ("string", False),
        "email": ("email", False),
    }


@pytest.mark.parametrize("path", ["/me", "/api-keys", "/sessions", "/join-requests"])
def test_options_has_a_page_too(signed_in, alice, path):
    assert signed_in(alice).options(path, headers=HTML).status_code == 200


def test_a_key_gets_its_answer_only(api, alice, bob, algebra, join):
    """A page of the class would show more than the key's scopes allow."""
    join(algebra, bob, "PENDING")
    client = api(alice, scopes=["sessions:read"])
    people = f"/classes/{algebra.pk}/members/approve"
    answers = [
        client.get(f"/classes/{algebra.pk}", headers=HTML),
        client.post(people, {"user_ids": []}, headers=HTML),
        client.get(people, headers=HTML),
        client.get("/sessions", headers=HTML),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 405, 200]
    for answer in answers:
        shown = [text for text in (algebra.class_code, "Algebra", bob.email) if text in answer.content.decode()]
        assert shown == []
        assert offers(answer) == []


def test_a_throttled_user_is_not_shown_the_page_of_a_class(signed_in, alice, algebra, settings):
    settings.RATE_LIMIT = 1
    visitor = signed_in(alice)
    assert visitor.get(f"/classes/{algebra.pk}", headers=HTML).status_code == 200
    page = visitor.get(f"/classes/{algebra.pk}", headers=HTML)
    assert (page.status_code, headline(page)) == (429, "Too many requests")
    assert algebra.class_code not in page.content.decode()
    assert "Too many requests. Try again in " in page.content.decode()


def test_a_request_with_a_key_is_offered_no_sign_out(api, signed_in, alice):
    offered = {
        way: b"Sign out" in client(alice).get("/classes", headers=HTML).content
        for way, client in {"key": api, "cookie": signed_in}.items()
    }
    assert offered == {"key": False, "cookie": True}
