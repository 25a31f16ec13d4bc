"""Forms in a real browser: no typed value and no concurrent change is lost."""

from datetime import UTC, datetime

import pytest

from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems, wait_for_headline

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
        page.script = script
        yield page


def open_lesson(page, session):
    """Open the page of a lesson, and in it the form to edit it."""
    page.goto(f"/api/v1/sessions/{session.pk}")
    page.get_by_text("Edit", exact=True).click()


TITLE_AND_DESCRIPTION = "section[aria-labelledby=edit]"


def save(page, region="main"):
    with page.expect_navigation():
        page.locator(region).get_by_role("button", name="Save").click()


def test_a_page_opened_earlier_reverts_no_later_change(page, alice, schedule):
    session = schedule(title="Rings", start_time=TEN)
    open_lesson(page, session)
    session.reschedule(Actor(alice), start_time=ELEVEN, duration=45, strict=False)
    page.get_by_label("Title", exact=True).fill("")
    save(page)  # in vain
    page.get_by_label("Title", exact=True).fill("Fields")
    save(page)
    session.refresh_from_db()
    assert (session.title, session.start_time, session.duration, session.strict) == ("Fields", ELEVEN, 45, False)
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Students can enter only during the lesson").check()
    save(page)
    session.refresh_from_db()
    assert session.strict is True


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", datetime(2036, 10, 26, 1, 30, tzinfo=UTC)),  # the second 2:30 of that night
        ("Asia/Kolkata", datetime(9999, 12, 31, 22, tzinfo=UTC)),
        ("America/New_York", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_a_time_that_occurs_twice_in_local_time_stays_if_unchanged(
    chromium, live_server, client, alice, schedule, zone, moment
):
    session = schedule(title="Rings", start_time=moment, strict=False)
    client.force_login(alice)
    with chromium.new_context(base_url=live_server.url, timezone_id=zone) as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        open_lesson(page, session)
        page.get_by_label("Title", exact=True).fill("Fields")
        save(page)
    session.refresh_from_db()
    assert (session.title, session.start_time) == ("Fields", moment)


def test_going_back_to_a_page_restores_typed_values_only(page, alice, schedule):
    session = schedule(title="Rings", start_time=TEN)
    open_lesson(page, session)
    page.get_by_label("Title", exact=True).fill("Fields")
    page.goto("/api/v1/classes")
    session.reschedule(Actor(alice), start_time=ELEVEN, duration=45, strict=False)
    page.go_back(wait_until="load")
    page.get_by_text("Edit", exact=True).click()
    save(page)
    session.refresh_from_db()
    assert (session.title, session.start_time, session.duration, session.strict) == ("Fields", ELEVEN, 45, False)


def test_going_back_to_a_half_filled_session_form_keeps_its_values(page):
    page.goto("/lessons/new")
    page.get_by_label("Title", exact=True).fill("Rings")
    page.get_by_label("Class", exact=True).select_option("No class")
    page.get_by_label("Starts", exact=True).fill("2036-03-20T15:30")
    page.goto("/api/v1/classes")
    page.go_back(wait_until="load")
    shown = page.get_by_label("Starts", exact=True).input_value()
    with page.expect_navigation():
        page.get_by_role("button", name="Schedule lesson").click()
    page.get_by_role("heading", level=1, name="Rings").wait_for()
    assert (shown, LiveSession.objects.get().start_time.minute) == ("2036-03-20T15:30", 0 if page.script else 30)


def test_unchanged_lines_of_text_stay_as_they_are(page, alice, algebra):
    algebra.edit(Actor(alice), description='\n Groups\r\n\nRings\n<b>"Fields"</b>\t\n')
    page.goto(f"/api/v1/classes/{algebra.pk}/settings")
    page.get_by_label("Title", exact=True).fill("Algebra II")
    save(page, TITLE_AND_DESCRIPTION)
    algebra.refresh_from_db()
    assert (algebra.title, algebra.description) == ("Algebra II", '\n Groups\r\n\nRings\n<b>"Fields"</b>\t\n')
    page.get_by_label("Description", exact=True).fill("Groups\nRings")
    save(page, TITLE_AND_DESCRIPTION)
    algebra.refresh_from_db()
    assert algebra.description == "Groups\nRings"


def test_a_user_whose_session_has_expired_can_copy_what_they_typed(browser_page, browser_sign_in, alice, algebra):
    page = browser_page
    browser_sign_in(alice)
    page.goto(f"/api/v1/classes/{algebra.pk}/settings")
    page.get_by_label("Description", exact=True).fill("Groups,\nrings")
    page.context.clear_cookies(name="sessionid")
    save(page, TITLE_AND_DESCRIPTION)
    wait_for_headline(page, "Please sign in")
    assert page.get_by_label("Description", exact=True).input_value() == "Groups,\nrings"
    assert page_problems(page) == []


def test_a_half_filled_date_picker_keeps_its_form(browser_page, browser_sign_in, alice, schedule):
    third = datetime(2036, 3, 3, 10, tzinfo=UTC)
    session = schedule(title="Rings", start_time=third)
    page = browser_page
    browser_sign_in(alice)
    open_lesson(page, session)
    picker = page.get_by_label("Starts", exact=True)
    picker.focus()
    page.keyboard.press("Delete")  # its month, or its day
    page.get_by_label("Title", exact=True).fill("Fields")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Pick a day and a time.").wait_for()
    assert page.evaluate("document.activeElement.id") == "partial_update_startTime"
    assert picker.get_attribute("aria-invalid") == "true"
    assert (
        picker.get_attribute("aria-describedby") == "partial_update_startTime_helptext partial_update_startTime_error"
    )
    assert page_problems(page) == []
    page.keyboard.type("03")
    save(page)
    session.refresh_from_db()
    assert (session.title, session.start_time) == ("Fields", third)


def test_the_year_of_a_date_picker_has_four_digits(browser_page, browser_sign_in, alice, algebra, schedule):
    schedule(klass=algebra)
    page = browser_page
    browser_sign_in(alice)
    page.goto("/lessons/new")
    picker = page.locator("input[type=datetime-local]")
    picker.focus()
    page.keyboard.type("030320361030AM")  # in a year of six digits 203610, or so
    assert picker.input_value() == "2036-03-03T10:30"
    page.goto("/api/v1/sessions")
    page.get_by_text("Filter", exact=True).click()
    for picker in page.locator("input[type=date]").all():
        picker.focus()
        page.keyboard.type("030320362036")
        assert picker.input_value() == "2036-03-03"
    page.locator("input[type=date]").last.focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_text("Pick a whole date, or none.").wait_for()
    assert page_problems(page) == []
