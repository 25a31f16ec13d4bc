"""The first tab of a class: its next lesson, how to invite students, and what happened last."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.html import strip_tags

from classes import overview
from tutorarc.domain.events import Actor
from tutorarc.models.event import number_events
from tutorarc.tests.browser.browsing import HTML, headline

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def visit(signed_in):
    def get(user, klass):
        page = signed_in(user).get(f"/classes/{klass.pk}", headers=HTML)
        assert page.status_code == 200
        return page

    return get


def shown(page):
    return " ".join(page.content.decode().partition("For developers")[0].split())


# Lessons


@pytest.fixture
def at_noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def part_of(page):
    [part] = page.context["sections"]
    return part


def test_the_next_lesson_is_the_current_or_the_first_to_come(at_noon, visit, bob, algebra, join, schedule):
    join(algebra, bob)
    assert part_of(visit(bob, algebra))["lesson"] is None
    schedule(klass=algebra, start_time=NOON + 2 * HOUR)
    sooner = schedule(klass=algebra, start_time=NOON + HOUR)
    schedule(title="Of no class", start_time=NOON + HOUR / 2)
    part = part_of(visit(bob, algebra))
    assert (part["lesson"], part["is_on"], part["opens_at"]) == (sooner, False, sooner.start_time)
    assert part["link"] == sooner.student_link


def test_join_leads_each_person_to_their_own_entry(at_noon, visit, alice, bob, algebra, join, schedule):
    join(algebra, bob)
    lesson = schedule(klass=algebra, start_time=NOON + timedelta(minutes=10))
    parts = [part_of(visit(person, algebra)) for person in (alice, bob)]
    assert [part["opens_at"] for part in parts] == [None, lesson.start_time]
    assert [part["link"] for part in parts] == [lesson.teacher_link_for(alice), lesson.student_link]
    assert lesson.teacher_link_for(alice) not in shown(visit(bob, algebra))


def test_an_archived_class_has_no_next_lesson(at_noon, visit, alice, algebra, schedule):
    schedule(klass=algebra, start_time=NOON + HOUR)
    algebra.archive(Actor(alice))
    assert visit(alice, algebra).context["sections"] == []


# The code


def test_a_teacher_copies_an_invite_with_the_link_of_the_code(visit, alice, algebra):
    page = visit(alice, algebra)
    link = f"http://testserver/j/{algebra.class_code}"
    assert f"Join Algebra on TutorArc: {link} (class code {algebra.class_code})</p>" in shown(page)
    assert ('data-copies="invite-text"' in shown(page), f'href="{link}"' in shown(page)) == (True, True)


def test_the_link_is_that_of_the_public_address(visit, alice, algebra, settings):
    settings.PUBLIC_URL = "https://tutor.example"
    assert f'href="https://tutor.example/j/{algebra.class_code}"' in shown(visit(alice, algebra))


def test_the_qr_code_is_an_image_without_inline_styles(visit, alice, algebra):
    page = visit(alice, algebra)
    assert re.search(
        r'role="img" aria-label="QR code of the link"><svg viewBox="[\d ]+" class="qr-code"><path', shown(page)
    )
    assert "style=" not in shown(page)


def test_the_code_is_small_once_students_are_in(visit, alice, bob, algebra, join):
    is_new = ["new-class" in shown(visit(alice, algebra))]
    join(algebra, bob)
    page = shown(visit(alice, algebra))
    assert [*is_new, "new-class" in page, "<details><summary>Link and QR code" in page] == [True, False, True]


def test_students_see_the_code_last_and_nothing_to_change_it(visit, bob, algebra, join):
    join(algebra, bob)
    page = shown(visit(bob, algebra))
    assert page.index("Next lesson") < page.index(algebra.class_code)
    assert [text in page for text in ("Copy invite", "QR code", "New code")] == [False] * 3


def test_an_archived_class_shows_no_code(visit, alice, algebra):
    algebra.archive(Actor(alice))
    page = visit(alice, algebra)
    assert (page.context["invite"], algebra.class_code in shown(page)) == (None, False)


# The code's screen


def test_the_code_fills_a_screen(signed_in, bob, algebra, join):
    join(algebra, bob)
    page = signed_in(bob).get(f"http://testserver/classes/{algebra.pk}/code")
    assert (page.status_code, headline(page)) == (200, "Algebra")
    assert f'<p class="big-code">{algebra.class_code}</p>' in page.content.decode()
    assert f"http://testserver/j/{algebra.class_code}</strong>" in page.content.decode()


@pytest.mark.parametrize("status", [None, "PENDING", "REJECTED", "REMOVED"])
def test_people_outside_the_class_do_not_see_its_code(signed_in, bob, algebra, join, status):
    if status:
        join(algebra, bob, status)
    page = signed_in(bob).get(f"http://testserver/classes/{algebra.pk}/code")
    assert (page.status_code, algebra.class_code in page.content.decode()) == (403, False)


@pytest.mark.parametrize("class_id", ["cls_1", "cls_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_class_has_no_screen(signed_in, admin, class_id):
    assert signed_in(admin).get(f"http://testserver/classes/{class_id}/code").status_code == 404


def test_visitors_sign_in_first(client, algebra):
    answer = client.get(f"/classes/{algebra.pk}/code")
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next=/classes/{algebra.pk}/code")


def test_the_screen_of_an_archived_class_says_so(signed_in, alice, algebra):
    algebra.archive(Actor(alice))
    page = signed_in(alice).get(f"http://testserver/classes/{algebra.pk}/code").content.decode()
    assert ("nobody can join it" in page, "big-code" in page) == (True, False)


@pytest.mark.parametrize("count", [0, 20])
def test_the_screen_costs_the_same_for_any_class(signed_in, alice, algebra, crowd, django_assert_num_queries, count):
    crowd(algebra, count)
    browser = signed_in(alice)
    with django_assert_num_queries(3):
        assert browser.get(f"http://testserver/classes/{algebra.pk}/code").status_code == 200


# What happened


def test_teachers_read_the_latest_events_first(visit, alice, bob, algebra, join, monkeypatch):
    monkeypatch.setattr(overview, "EVENTS_SHOWN", 2)
    join(algebra, bob)
    page = visit(alice, algebra)
    assert [strip_tags(sentence.text) for sentence in page.context["latest"]] == [
        "Alice approved Bob",
        "Bob asked to join",
    ]
    assert f'href="/api/v1/events?class_id={algebra.pk}"' in shown(page)


def test_students_read_no_events(visit, bob, algebra, join):
    join(algebra, bob)
    assert "latest" not in visit(bob, algebra).context


@pytest.mark.parametrize("count", [1, 10])
def test_the_overview_of_a_student_costs_the_same_for_any_class(
    signed_in, bob, algebra, crowd, join, schedule, django_assert_num_queries, count
):
    join(algebra, bob)
    crowd(algebra, count)
    for _ in range(count):
        schedule(klass=algebra, start_time=datetime.now(UTC) + HOUR)
    number_events()
    browser = signed_in(bob)
    with django_assert_num_queries(6):
        assert browser.get(f"/classes/{algebra.pk}", headers=HTML).status_code == 200


# The settings


def test_archiving_offers_undo(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}/archive")
    assert (page.status_code, page.context["undo"].address) == (200, "/undo")


def test_a_refused_room_link_is_shown_beside_its_field_alone(post_form, alice, algebra):
    page = post_form(alice, f"/classes/{algebra.pk}/settings", _method="PATCH", room_url="http://zoom.example")
    assert (page.status_code, list(page.context["room"].errors), list(page.context["edit"].errors)) == (
        400,
        ["room_url"],
        [],
    )
    assert 'value="Algebra"' in page.content.decode()


def test_a_student_has_no_settings(signed_in, bob, algebra, join):
    join(algebra, bob)
    assert signed_in(bob).get(f"/classes/{algebra.pk}/settings", headers=HTML).status_code == 403
