"""A refused form is shown again with its values and the reason."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from tutorarc.domain.events import Actor
from tutorarc.tests.browser.browsing import HTML

READ_ONLY = "This class is archived and read-only until a teacher of the class unarchives it."
SLOWLY = "Too many requests. Try again in 60 seconds."
PLAN = {"title": "Typed", "startTime": "2036-03-20T10:00:00Z", "duration": "45", "teacherId": "t_7"}
CHANGE = {"_method": "PATCH", "title": "Typed", "description": "At length"}
MOVE = {"_method": "PATCH", "title": "Typed", "startTime": "2036-03-20T10:00:00Z", "duration": "45"}


@pytest.fixture
def planned(schedule, algebra):
    return schedule(klass=algebra, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC))


def kept(page, name):
    """What stands in the fields of the form that was sent, and why it was refused as read beside them."""
    sent = page.context[name]
    forms = re.findall(r'<form method="post" action="([^"]*)"(.*?)</form>', page.content.decode(), re.DOTALL)
    markup = "".join(inner for action, inner in forms if action == sent.address)
    why = "".join(re.findall(r'<p class="notice bad" role="alert"[^>]*>(.*?)</p>', markup))
    shown = {field.name: field.value() for field in sent.visible_fields()}
    return page.status_code, {field: shown[field] for field in sent.data if field in shown}, unescape(why)


def typed(fields):
    return {field: value for field, value in fields.items() if field != "_method"}


@pytest.mark.parametrize(
    ("path", "fields", "why"),
    [
        (
            "/classes/{}/members",
            {"email": "nobody@example.org", "role": "TEACHER"},
            "You can add people from your other classes only. Invite everybody else.",
        ),
        (
            "/classes/{}/leave",
            {},
            "This person is the last active teacher of the class. Make somebody else a teacher first.",
        ),
        ("/classes", {"title": "Rings", "junk": "1"}, "junk: there is no such field here, only title and description."),
        ("/api-keys?junk=1", {"name": "Board"}, "junk: there is no such query parameter here: this call takes none."),
    ],
)
def test_the_refusal_is_shown_once(post_form, alice, algebra, path, fields, why):
    page, _, _ = (
        post_form(alice, path.format(algebra.pk), **fields).content.decode().partition('<details class="developers">')
    )
    assert unescape(page).count(why) == unescape(page).count(why.rpartition(": ")[2]) == 1


@pytest.mark.parametrize(
    ("path", "fields", "name", "why"),
    [
        ("", CHANGE, "edit", READ_ONLY),
    ],
    ids=["title and description"],
)
def test_a_change_of_a_class_archived_in_the_meantime(post_form, alice, dora, algebra, path, fields, name, why):
    algebra.archive(Actor(alice))
    page = post_form(alice, f"/classes/{algebra.pk}{path}", **fields)
    assert kept(page, name) == (409, typed(fields), why)


def test_a_session_for_a_class_archived_in_the_meantime(post_form, alice, algebra):
    algebra.archive(Actor(alice))
    fields = PLAN | {"classId": algebra.pk}
    page = post_form(alice, "/sessions", **fields)
    assert kept(page, "form") == (409, fields, READ_ONLY)
    assert f'value="{algebra.pk}" selected'.encode() in page.content


@pytest.mark.parametrize("verb", ["cancel", "end"])
def test_a_change_of_a_session_cancelled_in_the_meantime(post_form, alice, planned, verb):
    getattr(planned, verb)(Actor(alice))
    page = post_form(alice, f"/sessions/{planned.pk}", **MOVE)
    assert kept(page, "edit")[:2] == (409, typed(MOVE))


@pytest.mark.parametrize(
    ("path", "fields", "name"),
    [
        ("/classes", {"title": "Typed", "description": "At length"}, "form"),
        ("/classes/{klass}", CHANGE, "edit"),
        ("/sessions", PLAN, "form"),
        ("/sessions/{session}", MOVE, "edit"),
    ],
)
def test_a_throttled_form(half_past_nine, post_form, alice, algebra, planned, settings, path, fields, name):
    settings.RATE_LIMIT = 0
    page = post_form(alice, path.format(klass=algebra.pk, session=planned.pk), **fields)
    assert kept(page, name) == (429, typed(fields), SLOWLY)


def test_a_throttled_get_request_costs_few_statements(signed_in, alice, algebra, settings):
    settings.RATE_LIMIT = 0
    pages = [signed_in(alice).get(path, headers=HTML) for path in (f"/classes/{algebra.pk}/members", "/sessions")]
    assert [(page.status_code, b"Too many requests" in page.content) for page in pages] == [(429, True)] * 2
