"""Home, account and error pages in a real browser: checked by axe, on a phone and on a wide screen."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.testing.browser import page_problems, wait_for_headline
from tutorarc.testing.mail import do_mail_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD, BETTER = "learn by doing", "quite another sentence"


@pytest.fixture
def term(alice, bob, charlie, algebra, join, schedule):
    """Bob is a member, Charlie's request is pending, and a session is scheduled."""
    join(algebra, bob)
    join(algebra, charlie, "PENDING")
    schedule(klass=algebra, start_time=timezone.now() + timedelta(hours=1))


@pytest.mark.parametrize(
    ("who", "headline"),
    [
        (None, "Run your tutoring classes: invite, approve, teach"),
        ("alice", "Hello, Alice"),
        ("bob", "Hello, Bob"),
        ("charlie", "Hello, Charlie"),
        ("root", "Hello, Root"),
    ],
)
def test_the_home_page_is_accessible_for_every_role(browser_page, browser_sign_in, term, request, who, headline):
    if who:
        browser_sign_in(request.getfixturevalue(who))
    browser_page.goto("/")
    wait_for_headline(browser_page, headline)
    assert page_problems(browser_page) == []


def test_the_calendar_is_accessible_and_on_a_phone_a_list_of_days_with_lessons(
    browser_page, browser_sign_in, alice, schedule
):
    start = timezone.now()
    schedule(title="On", start_time=start, duration=1440)
    schedule(title="Gone", start_time=start + timedelta(minutes=5)).cancel(Actor(alice))
    browser_sign_in(alice)
    for address in ("/calendar", f"/calendar?month={start:%Y-%m}"):
        browser_page.goto(address)
        wait_for_headline(browser_page, "Calendar")
        assert (address, page_problems(browser_page)) == (address, [])
    days = browser_page.locator(".month-days > li:visible")
    assert days.count() >= 28
    browser_page.set_viewport_size({"width": 390, "height": 844})
    assert 1 <= days.count() <= 2  # the second lesson may start after midnight
    browser_page.get_by_role("link", name="Join On").wait_for()


def test_a_student_joins_from_home_by_keyboard(browser_page, browser_sign_in, algebra, bob):
    browser_sign_in(bob)
    browser_page.goto("/")
    browser_page.get_by_label("Class code").fill("algo-????")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("We don’t know this code. Check it with your teacher.", exact=True).wait_for()
    assert browser_page.get_by_label("Class code").input_value() == "algo-????"
    browser_page.get_by_label("Class code").fill(f" {algebra.class_code.lower()} ")
    browser_page.keyboard.press("Enter")
    wait_for_headline(browser_page, "Algebra")
    browser_page.get_by_role("button", name="Request to join").press("Enter")
    browser_page.get_by_text("Your request was sent.").wait_for()
    browser_page.goto("/")
    browser_page.get_by_text("Waiting for approval").wait_for()
    assert Membership.objects.get(user=bob).status == "PENDING"


def test_a_teacher_goes_from_home_to_the_pending_requests(browser_page, browser_sign_in, term, alice):
    browser_sign_in(alice)
    browser_page.goto("/")
    needs = browser_page.get_by_role("region", name="Needs you")
    needs.get_by_role("button", name="Approve Charlie").wait_for()
    needs.get_by_role("link", name="Algebra", exact=True).click()
    browser_page.get_by_role("checkbox", name="Charlie").wait_for()


def test_requests_are_approved_on_the_home_page_without_a_load(browser_page, browser_sign_in, term, alice, charlie):
    browser_sign_in(alice)
    browser_page.goto("/")
    browser_page.evaluate("window.isSamePage = true")
    browser_page.get_by_role("button", name="Approve Charlie").press("Enter")
    browser_page.locator(".needs .notice.good").wait_for()
    assert browser_page.get_by_role("button", name="Approve Charlie").count() == 0
    assert (Membership.objects.get(user=charlie).status, browser_page.evaluate("window.isSamePage")) == (
        "APPROVED",
        True,
    )
    assert page_problems(browser_page) == []


def test_a_forgotten_password_is_reset_by_the_mailed_link(browser_page, live_server, make_user, mailoutbox):
    make_user("Bob", password=PASSWORD)
    browser_page.goto("/accounts/login/")
    assert page_problems(browser_page) == []
    browser_page.get_by_role("link", name=re.compile("[Ff]org")).click()
    assert page_problems(browser_page) == []
    browser_page.get_by_label("E-mail address").fill("bob@example.org")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/mailed/")
    do_mail_jobs()
    assert page_problems(browser_page) == []
    [link] = re.findall(rf"{re.escape(live_server.url)}\S+", mailoutbox[0].body)
    browser_page.goto(link)
    assert page_problems(browser_page) == []
    for field in browser_page.locator("input[type=password]").all():
        field.fill(BETTER)
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**/accounts/login/")
    browser_page.get_by_label("E-mail address").fill("bob@example.org")
    browser_page.get_by_label("Password").fill(BETTER)
    browser_page.keyboard.press("Enter")
    wait_for_headline(browser_page, "Hello, Bob")
    browser_page.goto(link)
    browser_page.get_by_role("heading", level=1).wait_for()
    assert browser_page.locator("input[type=password]").count() == 0, "the link worked twice"
    assert page_problems(browser_page) == []


def test_a_user_changes_name_and_password(browser_page, browser_sign_in, make_user):
    bob = make_user("Bob", password=PASSWORD)
    browser_sign_in(bob)
    browser_page.goto("/accounts/")
    assert page_problems(browser_page) == []
    browser_page.get_by_label("Name").fill("Robert")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("Your profile was saved.").wait_for()
    browser_page.goto("/accounts/password/")
    assert page_problems(browser_page) == []
    for field, text in zip(browser_page.locator("input[type=password]").all(), (PASSWORD, BETTER, BETTER), strict=True):
        field.fill(text)
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("Your password is changed.").wait_for()
    bob.refresh_from_db()
    assert (bob.display_name, bob.check_password(BETTER)) == ("Robert", True)


def test_error_pages_are_accessible_and_fit_the_screen(browser_page, settings, browser_sign_in, alice):
    settings.DEBUG = False
    browser_sign_in(alice)
    answer = browser_page.goto("/nowhere")
    assert (answer.status, page_problems(browser_page)) == (404, [])
    browser_page.goto("/developers/keys/new")
    browser_page.context.clear_cookies(name="csrftoken")
    browser_page.get_by_label("Name").fill("Late")
    with browser_page.expect_response("**/developers/keys/new") as refused:
        browser_page.get_by_role("button", name="Create key").click()
    browser_page.wait_for_load_state()
    assert (refused.value.status, page_problems(browser_page)) == (403, [])


@pytest.mark.parametrize("status", [400, 408, 413, 429, 500, 503])
def test_pages_for_server_errors_are_self_contained_and_fit_the_screen(browser_page, live_server, status):
    """Middleware and Django itself send these pages; here only their templates are shown in the browser."""
    html = render_to_string(f"{status}.html", {"wait": "2 minutes"})
    browser_page.route("**/fault", lambda route: route.fulfill(status=status, body=html, content_type="text/html"))
    browser_page.goto("/fault")
    browser_page.get_by_role("heading", level=1).wait_for()
    assert page_problems(browser_page) == []
