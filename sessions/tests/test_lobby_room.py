"""The way from the lobby to the lesson's room: only for a visitor who may enter at that moment."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from sessions.links import teacher_link
from sessions.tests.lobby_pages import TEN, client_for, lobby_state, schedule_at_ten, text, visit_board, visit_lobby
from tutorarc.domain.events import Actor

OF_CLASS, OF_SESSION = "https://meet.example.com/of-the-class", "https://meet.example.com/of-the-session?pwd=AbC#now"


@pytest.fixture(autouse=True)
def _served_here(settings):
    settings.BOARD_URL = "http://testserver"


@pytest.fixture
def schedule(alice, time_machine):
    return partial(schedule_at_ten, alice, time_machine)


@pytest.fixture
def lesson(schedule, time_machine, algebra, alice):
    """A strict lesson of a class, which has just begun."""
    algebra.change_settings(Actor(alice), room_url=OF_CLASS)
    session = schedule(klass=algebra)
    time_machine.move_to(TEN, tick=False)
    return session


def enter(session, client=None):
    return (client or Client()).get("/join/room", {"id": session.pk})


def enter_as_teacher(session, client=None, **parameters):
    return (client or Client()).get("/board/room", {"id": session.pk, "role": "teacher"} | parameters)


def outcome(response):
    return response.status_code, response["Location"]


def test_join_leads_to_the_room(lesson):
    response = enter(lesson)
    assert outcome(response) == (303, OF_CLASS)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert response.content == b""


def test_the_room_of_the_session_counts_more_than_that_of_the_class(lesson, alice):
    lesson.reschedule(Actor(alice), room_url=OF_SESSION)
    assert outcome(enter(lesson)) == (303, OF_SESSION)
    assert outcome(enter_as_teacher(lesson, client_for(alice))) == (303, OF_SESSION)


def test_the_lobby_links_to_the_room_page_and_not_to_the_room(lesson, alice):
    page, own = text(visit_lobby(lesson)), text(visit_board(lesson, client_for(alice)))
    assert f'href="/join/room?id={lesson.pk}" rel="noreferrer">Join the lesson</a>' in page
    assert f'href="/board/room?id={lesson.pk}&amp;role=teacher" rel="noreferrer">Join the lesson</a>' in own
    assert "meet.example.com" not in page + own


@pytest.mark.parametrize(
    ("minutes", "student", "teacher"), [(-16, 0, 0), (-15, 0, 1), (-1, 0, 1), (59, 1, 1), (60, 0, 0)]
)
def test_nobody_who_may_not_enter_gets_the_room(lesson, alice, time_machine, minutes, student, teacher):
    time_machine.move_to(TEN + timedelta(minutes=minutes), tick=False)
    lobbies = f"/join?id={lesson.pk}", f"/board?id={lesson.pk}&role=teacher"
    assert outcome(enter(lesson)) == (303, OF_CLASS if student else lobbies[0])
    assert outcome(enter_as_teacher(lesson, client_for(alice))) == (303, OF_CLASS if teacher else lobbies[1])
    assert outcome(Client().head(f"/join/room?id={lesson.pk}")) == (303, OF_CLASS if student else lobbies[0])


@pytest.mark.parametrize("change", ["cancel", "end", "archive", "no room"])
def test_a_page_that_is_out_of_date_leads_back_to_the_lobby(lesson, algebra, alice, time_machine, change):
    match change:
        case "cancel":
            time_machine.move_to(TEN - timedelta(minutes=1), tick=False)
            lesson.cancel(Actor(alice))
            time_machine.move_to(TEN, tick=False)
        case "end":
            lesson.end(Actor(alice))
        case "archive":
            algebra.archive(Actor(alice))
        case "no room":
            algebra.change_settings(Actor(alice), room_url=None)
    assert outcome(enter(lesson)) == (303, f"/join?id={lesson.pk}")
    assert outcome(enter_as_teacher(lesson, client_for(alice))) == (303, f"/board?id={lesson.pk}&role=teacher")


@pytest.mark.parametrize(
    ("status", "reason"), [("PENDING", "open"), ("APPROVED", "open"), ("REJECTED", "removed"), ("REMOVED", "removed")]
)
def test_a_signed_in_student_who_is_not_in_the_class_any_more_is_refused(lesson, algebra, join, bob, status, reason):
    join(algebra, bob, status)
    client = client_for(bob)
    assert visit_lobby(lesson, client).context["answer"].reason == reason
    assert outcome(enter(lesson, client)) == (303, OF_CLASS if reason == "open" else f"/join?id={lesson.pk}")


def test_what_is_over_is_told_before_that_the_student_is_out(lesson, algebra, join, alice, bob):
    join(algebra, bob, "REMOVED")
    lesson.end(Actor(alice))
    assert lobby_state(visit_lobby(lesson, client_for(bob)))[2] == "This lesson is over"


def test_only_those_who_may_change_the_session_enter_as_its_teacher(lesson, bob, dora):
    next_page = f"/board/room%3Fid%3D{lesson.pk}%26role%3Dteacher"
    assert outcome(enter_as_teacher(lesson)) == (302, f"/accounts/login/?next={next_page}")
    assert [enter_as_teacher(lesson, client_for(person)).status_code for person in (bob, dora)] == [403, 403]
    assert outcome(enter_as_teacher(lesson, role="student")) == (302, f"/join?id={lesson.pk}")


def test_a_signed_link_enters_the_room_and_keeps_its_token(settings, lesson, time_machine):
    settings.SIGNED_TEACHER_LINKS = True
    query = teacher_link(lesson.pk).partition("?")[2]
    assert f'href="/board/room?{query}"'.replace("&", "&amp;") in text(Client().get(f"/board?{query}"))
    assert outcome(Client().get(f"/board/room?{query}")) == (303, OF_CLASS)
    time_machine.move_to(TEN - timedelta(minutes=16), tick=False)
    assert outcome(Client().get(f"/board/room?{query}")) == (303, f"/board?{query}")


def test_without_a_room_students_wait_and_the_teacher_can_add_one(schedule, algebra, alice, time_machine):
    of_class, without = schedule(klass=algebra), schedule()
    time_machine.move_to(TEN, tick=False)
    forms = {of_class: f"/api/v1/classes/{algebra.pk}/settings", without: f"/api/v1/sessions/{without.pk}"}
    for session, form in forms.items():
        page, own = visit_lobby(session), visit_board(session, client_for(alice))
        assert lobby_state(page)[2] == "Your teacher will start here"
        assert lobby_state(own)[2] == "This lesson has no room link yet"
        assert "Add a room link" not in text(page)
        assert f'href="{form}">Add a room link</a>' in text(own)
        assert "Join the lesson" not in text(page) + text(own)


def test_to_enter_costs_one_query(lesson, django_assert_num_queries):
    with django_assert_num_queries(1):
        enter(lesson)


@pytest.mark.parametrize("path", ["/join/room", "/board/room"])
def test_the_room_pages_accept_get_only_and_know_no_other_board(client, settings, lesson, path):
    assert client.post(f"{path}?id={lesson.pk}").status_code == 405
    assert client.get(f"{path}?id=nonsense").status_code == 404
    settings.BOARD_URL = "https://board.tutorarc.com"
    assert client.get(f"{path}?id={lesson.pk}&role=teacher").status_code == 404
