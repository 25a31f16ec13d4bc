"""Forms in a real browser: nothing that somebody typed, or changed meanwhile, is lost."""

from datetime import UTC, datetime

import pytest

from tutorarc.history import Actor
from tutorarc.testbrowser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEN, ELEVEN = (datetime(2036, 3, 20, hour, tzinfo=UTC) for hour in (10, 11))


@pytest.fixture(params=["script", "no script"])
def page(request, chromium, live_server, client, alice):
    """Alice's, in Kolkata."""
    client.force_login(alice)
    script = request.param == "script"
    with chromium.new_context(
        base_url=live_server.url, timezone_id="Asia/Kolkata", java_script_enabled=script
    ) as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.set_default_timeout(10_000)
        yield page


def save(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Save the changes").click()


def test_a_page_opened_earlier_puts_nothing_back(page, alice, schedule):
    session = schedule(title="Rings", start_time=TEN)
    page.goto(f"/api/v1/sessions/{session.pk}")
    session.reschedule(Actor(alice), start_time=ELEVEN, duration=45, strict=False)
    page.get_by_label("Title", exact=True).fill("")
    save(page)  # in vain
    page.get_by_label("Title", exact=True).fill("Fields")
    save(page)
    session.refresh_from_db()
    assert (session.title, session.start_time, session.duration, session.strict) == ("Fields", ELEVEN, 45, False)
    page.get_by_label("The door keeps the timetable").check()
    save(page)
    session.refresh_from_db()
    assert session.strict is True


def test_lines_of_text_that_were_left_alone_stay_as_they_are(page, alice, algebra):
    algebra.edit(Actor(alice), description='\n Groups\r\n\nRings\n<b>"Fields"</b>\t\n')
    page.goto(f"/api/v1/classes/{algebra.pk}")
    page.get_by_label("Title", exact=True).fill("Algebra II")
    save(page)
    algebra.refresh_from_db()
    assert (algebra.title, algebra.description) == ("Algebra II", '\n Groups\r\n\nRings\n<b>"Fields"</b>\t\n')
    page.get_by_label("Description", exact=True).fill("Groups\nRings")
    save(page)
    algebra.refresh_from_db()
    assert algebra.description == "Groups\r\nRings"


def test_who_is_signed_out_meanwhile_can_copy_what_they_typed(browser_page, browser_sign_in, alice, algebra):
    page = browser_page
    browser_sign_in(alice)
    page.goto(f"/api/v1/classes/{algebra.pk}")
    page.get_by_label("Description", exact=True).fill("Groups,\nrings")
    page.context.clear_cookies(name="sessionid")
    save(page)
    wait_for_headline(page, "Please sign in")
    assert page.get_by_label("Description", exact=True).input_value() == "Groups,\nrings"
    assert page_problems(page) == []
