"""Very long titles, and titles from right to left, in a real browser: no page gets wider than the screen, or moves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.tests.browser.test_frame import SHIFT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ONE_WORD, WORDS = "Donaudampfschifffahrt" * 9, ("Statistik für Fortgeschrittene " * 7)[:199]
FROM_RIGHT_TO_LEFT = "مقدمة في الجبر الخطي (الفصل الأول) – Algebra 101"
SCREENS = {"phone": (390, 844), "200 % of 1280": (640, 450), "wide": (1280, 900)}
PAGES = [
    "/",
    "/api/v1/classes",
    "/api/v1/classes/{klass}",
    "/api/v1/classes/{klass}/members",
    "/api/v1/classes/{klass}/settings",
    "/api/v1/events?class_id={klass}",
    "/api/v1/sessions",
    "/api/v1/sessions/{lesson}",
    "/classes/{klass}/code",
    "/classes/{klass}/invite",
    "/classes/{klass}/transfer",
    "/calendar",
    "/lessons/new?class={klass}",
    "/join?id={lesson}",
]


@pytest.fixture
def addresses(alice, crowd, schedule):
    """Classes and lessons with such titles. The last class has a request, which gives its card a badge."""
    for title in (FROM_RIGHT_TO_LEFT, WORDS, ONE_WORD):
        klass = Class.objects.create_with_teacher(Actor(alice), title=title, description=title)
        lesson = schedule(klass=klass, title=title, start_time=timezone.now() + timedelta(hours=2))
    crowd(klass, 1, "PENDING")
    return {"klass": klass.pk, "lesson": lesson.pk}


def test_a_title_from_right_to_left_begins_where_the_others_do(browser_page, browser_sign_in, alice, addresses):
    browser_sign_in(alice)
    browser_page.set_viewport_size({"width": 390, "height": 844})
    browser_page.goto("/")
    left = """(title) => {
      const text = document.createRange();
      text.selectNodeContents(title);
      return Math.round(text.getBoundingClientRect().left);
    }"""
    titles = browser_page.locator(".class-card h3 bdi").all()
    assert [title.evaluate(left) - titles[0].evaluate(left) for title in titles] == [0, 0, 0]


@pytest.mark.parametrize("screen", SCREENS)
def test_no_page_is_wider_than_the_screen_or_moves(browser_page, browser_sign_in, alice, addresses, screen):
    browser_sign_in(alice)
    width, height = SCREENS[screen]
    browser_page.set_viewport_size({"width": width, "height": height})
    for path in PAGES:
        assert browser_page.goto(path.format(**addresses)).status == 200
        wide = browser_page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (path, wide, browser_page.evaluate(SHIFT) < 0.01) == (path, False, True)
