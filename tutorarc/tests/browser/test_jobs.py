"""How many clicks and loads of whole pages a teacher's usual jobs take, counted from the home page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from members.models import Membership
from tutorarc.domain.events import Actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


class Counted:
    """A page that counts the clicks, and the loads since home was shown."""

    def __init__(self, page):
        self.page, self.clicks, self.loads = page, 0, 0
        page.goto("/")
        page.on("load", self._count_load)

    def _count_load(self, _page):
        self.loads += 1

    def click(self, target):
        self.clicks += 1
        target.click()

    @property
    def counts(self):
        return self.clicks, self.loads


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def home(request, browser_page, browser_sign_in, alice, algebra, crowd, schedule):
    """Alice's home: a class with three requests and a lesson tomorrow."""
    crowd(algebra, 3, "PENDING")
    schedule(klass=algebra, title="Matrices", start_time=timezone.now() + timedelta(days=1))
    browser_page.set_viewport_size(request.param)
    browser_sign_in(alice)
    return Counted(browser_page)


def test_the_next_lesson_is_in_sight(home):
    assert home.page.get_by_role("heading", name="Matrices").first.is_visible()
    assert home.counts == (0, 0)


def test_three_requests_are_approved_at_home(home, algebra):
    title = home.page.title()
    home.click(home.page.get_by_role("button", name="Approve all 3"))
    home.page.get_by_text("are in the class now").first.wait_for()
    home.page.locator("#your-classes").get_by_text("3 students").wait_for()
    assert Membership.objects.filter(klass=algebra, status="APPROVED", role="STUDENT").count() == 3
    assert (home.counts, home.page.title()) == ((1, 0), title)
    assert home.page.locator("#your-classes").get_by_text("3 requests").count() == 0


def test_students_are_told_how_to_join(home, algebra):
    home.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    home.click(home.page.get_by_role("button", name="Copy invite"))
    home.page.get_by_role("button", name="Copied").wait_for()
    assert f"/j/{algebra.class_code}" in home.page.evaluate("navigator.clipboard.readText()")
    assert home.counts == (1, 0)


def test_a_lesson_of_a_class_is_scheduled(home):
    home.click(home.page.locator(".class-card").get_by_role("link", name="Algebra"))
    home.click(home.page.get_by_role("link", name="Schedule lesson"))
    home.page.get_by_label("Starts").fill("2036-12-02T16:00")
    home.click(home.page.get_by_role("button", name="Schedule lesson"))
    home.page.get_by_text("Lesson scheduled.").first.wait_for()
    assert home.clicks == 3


def test_a_removal_is_taken_back(home, alice, bob, algebra, join):
    join(algebra, bob)
    home.page.goto(f"/api/v1/classes/{algebra.pk}/members")
    home.page.get_by_label("More for Bob").click()
    home.page.get_by_role("button", name="Remove Bob").click()
    home.click(home.page.get_by_role("button", name="Undo"))
    home.page.get_by_text("is back in the class").first.wait_for()
    assert (home.clicks, Membership.objects.get(user=bob).status) == (1, "APPROVED")


def test_who_approved_whom_is_read(home, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    Membership.objects.approve(algebra, [bob.pk], Actor(alice))
    home.click(home.page.locator(".class-card").get_by_role("link", name="Algebra"))
    home.click(home.page.get_by_role("link", name="History", exact=True))
    home.page.get_by_text("Alice approved Bob").wait_for()
    assert home.clicks == 2
