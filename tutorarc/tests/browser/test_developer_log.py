"""A developer looks up a refused call in the log, in a real browser."""

import pytest

from apikeys.models import ApiKey
from apikeys.refusal_log import LOG
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems
from tutorarc.testing.client import Client

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def program(alice):
    """A client with a key of Alice's."""
    LOG.discard()
    _, secret = ApiKey.objects.issue(alice, Actor(alice), name="Timetable sync")
    return Client(headers={"X-API-Key": secret})


def test_a_refused_call_is_found_by_its_request_id(browser_page, browser_sign_in, program, alice):
    page = browser_page
    browser_sign_in(alice)
    page.goto("/developers/keys")
    page.get_by_role("navigation", name="Developers").get_by_role("link", name="Log").click()
    page.get_by_text("None of your calls was refused").wait_for()
    assert page_problems(page) == []
    refused = program.post("/classes", {"titel": "Algebra", "description": 7}).json()["error"]
    program.get("/classes/cls_01h455vb4pex5vsknk084sn02q/members?status=LATE")
    program.get("/api/v1/class")
    LOG.flush()
    page.reload()
    assert page.locator(".log > li").count() == 3
    assert page_problems(page) == []
    page.get_by_label("Request id").fill(f" {refused['request_id']} ")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Show all").wait_for()
    [row] = page.locator(".log > li").all()
    assert refused["message"] in row.inner_text()
    row.get_by_role("link", name="in the reference").click()
    page.wait_for_url("**/api/docs/classes#createClass")


def test_a_search_without_result_is_accessible(browser_page, browser_sign_in, program, alice):
    browser_sign_in(alice)
    browser_page.goto("/developers/log?request_id=x&status=404")
    browser_page.get_by_text("No refused call matches.").wait_for()
    assert page_problems(browser_page) == []
