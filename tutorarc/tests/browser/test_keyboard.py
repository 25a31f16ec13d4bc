"""The jobs of a teacher and a student by keyboard alone: Tab to a thing, then Enter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUSED = """() => {
  const { activeElement: at } = document;
  const name = at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent;
  return [at.localName, name.trim().replace(/\\s+/g, " ")];
}"""
MOST_TABS = 60


class Keyboard:
    """A page that is used without a mouse."""

    def __init__(self, page):
        self.page = page

    def tab_to(self, kind, name):
        for _ in range(MOST_TABS):
            if self.page.evaluate(FOCUSED) == [kind, name]:
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"Not reached: {kind} {name}")

    def press(self, kind, name):
        self.tab_to(kind, name)
        self.page.keyboard.press("Enter")

    def read(self, words):
        self.page.get_by_text(words).first.wait_for()
        self.page.wait_for_load_state("load")


@pytest.fixture
def keyboard(browser_page, browser_sign_in):
    def sign_in(user):
        browser_page.set_viewport_size({"width": 1280, "height": 900})
        browser_sign_in(user)
        browser_page.goto("/")
        return Keyboard(browser_page)

    return sign_in


def test_a_teacher_creates_a_class_and_schedules_and_cancels_a_lesson(keyboard, alice):
    keys = keyboard(alice)
    keys.press("a", "Create class")
    keys.read("Create a class")
    keys.page.keyboard.type("Botany")  # the first field has the focus
    keys.press("button", "Create class")
    keys.read("Class created.")
    keys.press("a", "Schedule lesson")
    keys.read("Schedule a lesson")
    keys.press("button", "Schedule lesson")  # at the suggested time
    keys.read("Lesson scheduled.")
    keys.press("summary", "Cancel lesson…")
    keys.press("button", "Cancel lesson")
    keys.read("Lesson cancelled.")
    lesson = LiveSession.objects.get()
    assert (lesson.klass, lesson.title, lesson.status) == (Class.objects.get(), "Botany", "CANCELLED")
    assert timedelta(hours=23) < lesson.start_time - timezone.now() <= timedelta(hours=25)


def test_a_teacher_approves_removes_and_takes_it_back(keyboard, alice, bob, algebra, join):
    join(algebra, bob, "PENDING")
    keys = keyboard(alice)
    keys.press("button", "Approve Bob")
    keys.read("Bob is in the class now.")
    keys.page.goto(f"/api/v1/classes/{algebra.pk}/members")
    keys.press("summary", "More for Bob")
    keys.press("button", "Remove Bob")
    keys.read("Bob was removed.")
    keys.press("button", "Undo")
    keys.read("is back in the class")
    assert Membership.objects.get(user=bob).status == "APPROVED"


def test_a_student_asks_to_join_by_code_and_withdraws(keyboard, bob, algebra):
    keys = keyboard(bob)
    keys.tab_to("input", "Class code")
    keys.page.keyboard.type(algebra.class_code)
    keys.page.keyboard.press("Enter")
    keys.read("You join once a teacher approves your request.")
    keys.press("button", "Request to join")
    keys.read("Waiting for approval.")
    keys.press("button", "Withdraw request")
    keys.read("Join a class")
    assert not Membership.objects.filter(user=bob).exists()
