"""The People tab in a browser: in place by htmx, by keyboard alone, without script, on a phone, with 300 people."""

import pytest

from members.models import Membership
from tutorarc.testing.browser import page_problems, wait_for_headline

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tab(browser_page, browser_sign_in, alice, algebra):
    """`tab()`: Alice's browser with the People tab of her class."""

    def show():
        browser_sign_in(alice)
        browser_page.goto(f"/api/v1/classes/{algebra.pk}/members")
        wait_for_headline(browser_page, "Algebra")
        browser_page.evaluate("window.isSamePage = true")
        return browser_page

    return show


def waiting():
    return Membership.objects.filter(status="PENDING").count()


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def test_three_requests_are_approved_by_keyboard_without_a_load(tab, algebra, crowd):
    crowd(algebra, 4, "PENDING")
    page = tab()
    boxes = [page.get_by_role("checkbox", name=f"Pending {number}") for number in range(3)]
    for box in boxes:
        box.focus()
        page.keyboard.press("Space")
    page.get_by_text("3 selected").or_(page.get_by_role("group", name="Selected requests")).first.wait_for()
    page.get_by_role("group", name="Selected requests").get_by_role("button", name="Approve").focus()
    page.keyboard.press("Enter")
    page.locator(".notice", has_text="Pending 0, Pending 1 and Pending 2 are in the class now.").wait_for()
    assert (waiting(), page.evaluate("window.isSamePage"), focused(page)) == (1, True, "Join requests (1)")
    assert page.locator("#news").text_content() == "Pending 0, Pending 1 and Pending 2 are in the class now."
    page.get_by_role("button", name="Decline Pending 3").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The request of Pending 3 was declined.").first.wait_for()
    page.keyboard.press("Tab")  # the message has the focus
    page.keyboard.press("Enter")
    page.locator(".notice", has_text="1 request is back.").wait_for()
    assert (waiting(), page.evaluate("window.isSamePage")) == (1, True)


def test_search_and_pages_change_in_place(tab, algebra, crowd):
    crowd(algebra, 60)
    page = tab()
    page.get_by_role("link", name="Next page").click()
    page.get_by_role("link", name="Previous page").wait_for()
    assert (focused(page), "cursor=" in page.url) == ("Students", True)
    page.get_by_role("searchbox").fill("approved 59")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Search results").wait_for()
    assert page.get_by_role("listitem").filter(has_text="Approved 59").count() == 1
    assert (page.evaluate("window.isSamePage"), page.locator("#news").text_content()) == (True, "Search results")
    page.go_back()
    page.get_by_role("link", name="Previous page").wait_for()


def test_a_refusal_is_shown_in_place_too(tab, algebra, crowd):
    crowd(algebra, 1, "PENDING")
    page = tab()
    Membership.objects.update(status="APPROVED", joined_at="2026-01-01T00:00Z")
    page.get_by_role("button", name="Approve Pending 0").click()
    page.locator(".notice", has_text="Pending 0 is already in the class.").wait_for()
    assert (page.evaluate("window.isSamePage"), focused(page).split(".")[0]) == (True, "Nothing was changed")


def test_300_people_and_40_requests_fit_a_phone(tab, alice, algebra, crowd):
    crowd(algebra, 300)
    crowd(algebra, 40, "PENDING")
    crowd(algebra, 10, "REMOVED")
    page = tab()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("checkbox", name="Pending 39").check()
    bar = page.get_by_role("group", name="Selected requests")
    page.evaluate("scrollTo(0, 200)")
    assert bar.is_visible()
    box, tabs = bar.bounding_box(), page.locator(".main-nav").bounding_box()
    assert box["y"] + box["height"] <= tabs["y"] + 1  # above the tab bar at the bottom
    assert page_problems(page) == []
    page.get_by_role("button", name="Approve all 40").click()
    page.locator(".notice", has_text="Pending 0, Pending 1, Pending 2 and 37 others are in the class now.").wait_for()
    assert waiting() == 0


def test_without_script_requests_are_answered_and_a_removal_is_undone(
    chromium, live_server, client, alice, algebra, crowd
):
    crowd(algebra, 3, "PENDING")
    client.force_login(alice)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(f"/api/v1/classes/{algebra.pk}/members")
        bar = page.get_by_role("group", name="Selected requests")
        assert bar.count() == 0  # hidden until somebody is ticked
        for number in (0, 1):
            page.get_by_role("checkbox", name=f"Pending {number}").check()
        bar.get_by_role("button", name="Approve").click()
        page.get_by_text("Pending 0 and Pending 1 are in the class now.").wait_for()
        page.get_by_role("button", name="Approve Pending 2").click()
        page.get_by_text("Pending 2 is in the class now.").wait_for()
        page.get_by_label("More for Pending 2").click()
        page.get_by_role("button", name="Remove Pending 2").click()
        page.get_by_role("button", name="Undo").click()
        page.get_by_text("Pending 2 is back in the class.").wait_for()
    assert Membership.objects.filter(status="APPROVED", role="STUDENT").count() == 3
