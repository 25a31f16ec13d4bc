"""GET /events as a page"""

import pytest

from tutorarc.testing.browser import page_problems, wait_for_headline
from tutorarc.tests.browser.browsing import HTML, headline
from tutorarc.tests.feed.events import forget_events, write_event


@pytest.fixture
def story(alice, bob, algebra):
    """Two events of Alice's class, and one of a session."""
    forget_events()
    write_event(
        "class.updated", algebra, actor_user_id=alice.pk, data={"title": "Algebra <1>", "class_code": "ALGE-7P4X"}
    )
    write_event("membership.approved", algebra, actor_user_id=alice.pk, user_id=bob.pk, data={"status": "APPROVED"})
    write_event("membership.requested", algebra, actor_user_id=bob.pk, user_id=bob.pk, data={"status": "PENDING"})


def content(response):
    """Without the filters above and the JSON below."""
    page = response.content.decode().partition('<details class="developers">')[0]
    return page.rpartition("</details>")[2] if "Filter</summary>" in page else page


def test_a_teacher_reads_what_happened_and_to_whom(story, alice, signed_in):
    response = signed_in(alice).get("/events", headers=HTML)
    page = content(response)
    assert (response.status_code, headline(response)) == (200, "Events")
    found = [
        page.index(text) for text in ("Title or description changed", "Algebra &lt;1&gt;", "Request approved", "Bob")
    ]
    assert found == sorted(found)
    assert ("ALGE-7P4X" in page, "Later events" in page) == (False, True)


def test_it_says_so_when_nothing_happened_or_nothing_is_new(story, alice, dora, signed_in):
    assert "Nothing has happened yet." in content(signed_in(dora).get("/events", headers=HTML))
    browser = signed_in(alice)
    assert "Nothing new yet." in content(browser.get(browser.get("/events").json()["next"], headers=HTML))
    assert "No results." in content(browser.get("/events?type=class.archived&created_after=", headers=HTML))


@pytest.mark.parametrize("query", ["type=class.archive", "cursor=x", "class_id=cls_1", "color=red"])
def test_a_wrong_parameter_is_told_on_the_page(story, alice, signed_in, query):
    response = signed_in(alice).get(f"/events?{query}", headers=HTML)
    assert (response.status_code, headline(response)) == (400, "Events")
    assert 'class="notice bad"' in response.content.decode()


def test_who_may_not_follow_a_class_is_told_so(story, charlie, algebra, signed_in):
    response = signed_in(charlie).get(f"/events?class_id={algebra.pk}", headers=HTML)
    assert (response.status_code, headline(response)) == (403, "You don’t have access to this class")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_on_a_phone_and_on_a_wide_screen(browser_page, browser_sign_in, story, alice, schedule):
    schedule(title="A lesson with a long title " * 6)
    browser_sign_in(alice)
    browser_page.goto("/api/v1/events")
    wait_for_headline(browser_page, "Events")
    [(browser_page.set_viewport_size({"width": w, "height": 800}),) for w in (390, 1280)]
    assert page_problems(browser_page) == []
