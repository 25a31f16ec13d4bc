"""The API reference: complete, true to the OpenAPI document, the same for everybody, and small."""

import gzip
import re
from functools import cache
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags

from tutorarc.settings import BASE_DIR
from tutorarc.site.reference import calls, pages
from tutorarc.site.reference.contents import GUIDES, TASKS, operations, operations_of
from tutorarc.site.reference.fields import fields_of
from tutorarc.tests.api.test_schema import document

ADDRESSES = ["/api/docs", *(f"/api/docs/{slug}" for slug in pages.PAGES)]
every_page = pytest.mark.parametrize("address", ADDRESSES)


@cache
def source(address):
    return fresh(address)


def fresh(address, **headers):
    return Client().get(address, headers=headers).content.decode()


def words(html):
    return " ".join(unescape(strip_tags(html)).split())


def entry(address, name):
    """The HTML of one call or object."""
    [found] = re.findall(rf'<section class="entry" id="{name}".*?</section>', source(address), re.DOTALL)
    return found


def rows(html, caption):
    """Name and type, and meaning with limits, of the rows of a field table."""
    [table] = re.findall(rf'<table class="fields">\n<caption>{caption}<.*?</table>', html, re.DOTALL)
    found = re.findall(r'<th scope="row">(.*?)</th>\n<td>(.*?)</td>', table, re.DOTALL)
    return [(words(name.replace("<span", " <span")), words(text.replace("<span", " <span"))) for name, text in found]


# Complete


def test_every_call_is_on_one_page():
    shown = [operation.name for task in TASKS for operation in operations_of(task)]
    assert sorted(shown) == sorted(operations())


def test_a_call_that_no_task_names_is_shown_on_the_last_page_of_its_tag(monkeypatch):
    named = TASKS[2]._replace(calls=TASKS[2].calls[1:])
    monkeypatch.setattr("tutorarc.site.reference.contents.TASKS", [*TASKS[:2], named, *TASKS[3:]])
    assert "listMembers" in [operation.name for operation in operations_of(named)][len(named.calls) :]
    assert "listMembers" not in [operation.name for operation in operations_of(TASKS[1])]


@every_page
def test_the_sidebar_leads_to_every_guide_and_call(address):
    sidebar = source(address).partition('<nav id="contents"')[2].partition("</nav>")[0]
    expected = ["/api/docs", *(f"/api/docs/{guide.slug}" for guide in GUIDES)]
    for task in TASKS:
        expected += [f"/api/docs/{task.slug}"]
        expected += [f"/api/docs/{task.slug}#{operation.name}" for operation in operations_of(task)]
    assert re.findall(r'href="([^"]+)"', sidebar) == expected


@pytest.mark.slow
@every_page
def test_every_link_leads_somewhere(address):
    for target, anchor in re.findall(r'href="(/api/docs[^"#]*)?(?:#([^"]*))?"', source(address)):
        page = source(target or address)
        assert not anchor or target == "/api/docs/try" or f'id="{anchor}"' in page, (target, anchor)


def test_every_reason_has_an_anchor_and_its_calls():
    page = source("/api/docs/errors")
    given = document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["reason"]["enum"]
    assert [reason for reason in given if page.count(f'<tr id="{reason}">') != 1] == []
    [row] = re.findall(r'<tr id="last_teacher">.*?</tr>', page, re.DOTALL)
    assert set(re.findall(r'#(\w+)"', row)) >= {"changeMemberRole", "removeMember", "leaveClass"}


# What a call shows


def test_a_body_has_a_table_of_its_fields_with_types_meaning_and_limits():
    call = entry("/api/docs/classes", "createClass")
    assert rows(call, "Body: create a class") == [
        ("title string, required", "The name that students know. Spaces around it are removed. 1 to 200 characters"),
        (
            "description string, optional",
            "What the class is about. By default empty. At most 10,000 characters",
        ),
    ]
    [duration] = [text for name, text in rows(call, "Body: a new live session") if name.startswith("duration ")]
    assert duration == "Length in whole minutes. 1 to 1,440 minutes"


def test_an_answer_has_a_table_of_its_fields():
    assert rows(entry("/api/docs/sessions", "getAdmission"), "Fields")[2:5] == [
        ("data.admitted boolean", "Whether they may enter."),
        (
            "data.reason string",
            "Why: open if they may enter, else what prevents it. "
            "One of open, too_early, over, cancelled, class_archived, not_a_teacher, removed, link_ended",
        ),
        ("data.opensAt time", "When entry opens for this role, in UTC."),
    ]


def test_what_a_receiver_gets_is_described_with_headers_body_and_example():
    received = entry("/api/docs/webhooks", "receiveEvent")
    names = [name for name, _ in rows(received, "Headers")]
    assert names == ["webhook-id string", "webhook-timestamp string", "webhook-signature string"]
    assert 'href="/api/docs/events#Event"' in received
    assert "membership.approved" in received
    assert "410 You want no more events: the webhook is disabled." in words(received.replace("<dd", " <dd"))


def test_parameters_have_a_table():
    assert rows(entry("/api/docs/people", "listMembers"), "Path parameters") == [
        ("class_id id, cls_…, required", "The class.")
    ]
    query = dict(rows(entry("/api/docs/people", "listMembers"), "Query parameters"))
    assert query["page_size integer, optional"] == "The number of rows on a page. 1 to 100 rows, default 20"


def test_the_required_headers_are_listed():
    assert rows(entry("/api/docs/classes", "createClass"), "Headers")[:2] == [
        ("X-API-Key string, required", "Your API key, as it is."),
        ("Content-Type string, required", "application/json"),
    ]
    assert [name for name, _ in rows(entry("/api/docs/sessions", "getAdmission"), "Headers")] == [
        "X-API-Key string, optional"
    ]
    assert [name for name, _ in rows(entry("/api/docs/keys", "revokeApiKey"), "Headers")] == ["Cookie string, required"]


def test_an_object_has_a_table_and_an_example():
    shown = entry("/api/docs/joining", "Membership")
    assert rows(shown, "Fields")[4:6] == [
        ("joined_at time or null", "When the person was first approved, in UTC; null before that."),
        ("user object, not always there", "The person, with expand=user, if the caller may read the name."),
    ]
    assert '"status": "APPROVED"' in words(shown)


def test_an_array_and_an_object_elsewhere_are_links():
    call = entry("/api/docs/joining", "approveMembers")
    assert '<a href="/api/docs/joining#Membership">array of Membership</a>' in call
    [(name, _)] = rows(call, "Body")
    assert name == "user_ids array of ids, required"


def test_its_own_errors_are_listed_with_their_messages():
    call = words(entry("/api/docs/people", "leaveClass"))
    assert "409 last_teacher " in call
    assert "csrf_failed" not in call


def test_a_created_object_has_an_address():
    assert "with the header Location: the address of what was created" in words(entry("/api/docs/people", "addMember"))


def test_a_field_of_an_object_within_is_shown_with_its_path():
    names = [field.name for field in fields_of(document["components"]["schemas"]["Error"])]
    assert names[:3] == ["status", "error", "error.code"]
    assert "error.details[].field" in names


@every_page
def test_no_pattern_is_shown(address):
    page = unescape(source(address))
    assert [sign for sign in (r"\u0000", "[0-9a-z]", "[ -~]", "[A-Za-z0-9_-]") if sign in page] == []


# Made once, for every visitor


def test_a_page_is_rendered_once(db, monkeypatch, django_assert_num_queries):
    first = fresh("/api/docs/classes")
    monkeypatch.setattr(calls, "calls_of", None)
    monkeypatch.setattr(pages, "render_to_string", None)
    with django_assert_num_queries(0):
        assert fresh("/api/docs/classes") == first


def test_samples_name_the_address_that_the_visitor_uses(settings):
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = "", ["school.example"]
    for address in ("/api/docs", "/api/docs/classes", "/api/docs/clients"):
        page = fresh(address, Host="school.example:8443")
        assert "http://school.example:8443/api/" in page
        assert "localhost" not in page


def test_or_the_public_one(settings):
    settings.PUBLIC_URL = "https://school.example/tutoring"
    page = fresh("/api/docs/classes", Host="testserver:8000")
    assert "https://school.example/tutoring/api/v1/classes" in page
    assert "testserver" not in page


def test_the_head_is_that_of_the_site(client, bob):
    client.force_login(bob)
    page, home = (client.get(path).content.decode() for path in ("/api/docs/classes", "/"))
    of_page, of_home = (re.findall(r'<header class="top">.*?</header>', html, re.DOTALL)[0] for html in (page, home))
    plain = re.compile(r' aria-current="\w+"|value="\w+"')
    assert plain.sub("", of_page) == plain.sub("", of_home)
    assert '<a href="/api/docs" aria-current="true">' in of_page


def test_an_unknown_page_is_not_found(client, db):
    assert client.get("/api/docs/nothing").status_code == 404


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/docs/try"])
def test_a_page_has_no_inline_script_or_style_and_loads_nothing_from_elsewhere(address):
    page = source(address)
    assert page.count("<script") == len(
        re.findall(r'<script src="/static/[^"]+" defer(?: blocking="render")?></script>', page)
    )
    assert "<style" not in page
    assert " style=" not in page
    assert re.findall(r'(?:src|href)="(?![/#][^/]|[/#]")', page) == []


@every_page
def test_a_first_visit_loads_little(address):
    """Compressed, with style sheets and scripts as they are: they are compressed too where files are."""
    page = Client().get(address, headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    files = re.findall(
        r'(?:src|href)="/static/(tutorarc/[^"]+\.(?:css|js|svg))"', gzip.decompress(page.content).decode()
    )
    sizes = [(BASE_DIR / "tutorarc/static" / name).stat().st_size for name in set(files)]
    assert len(page.content) + sum(sizes) < 75_000
