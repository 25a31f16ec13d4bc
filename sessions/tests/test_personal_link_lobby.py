"""Personal links in the lobby, in the attendance and in GET /sessions/{id}/admission"""

from datetime import timedelta

import pytest
from django.test import Client

from members.models import Membership
from sessions.models import Attendance, LiveSession
from sessions.personal_links.tokens import personal_link, token_for
from sessions.tests.expected import START, answer
from sessions.tests.lobby_pages import client_for, lobby_state, text
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import Event
from tutorarc.testing.client import invalid_parameter, verdict

ROOM = "https://zoom.example/j/1"
OPEN = (200, "open", "You can join now")
ENDED = (200, "link_ended", "This link no longer works")
REMOVED = (200, "removed", "You are no longer in this class")


@pytest.fixture
def lesson(time_machine, algebra, alice, bob, join, schedule, settings):
    """A session of Alice's class with a room, in which Bob is a student. It begins now."""
    settings.BOARD_URL = "http://testserver"
    join(algebra, bob)
    made = schedule(klass=algebra, room_url=ROOM)
    time_machine.move_to(START, tick=False)
    return made


@pytest.fixture
def link(lesson, bob):
    return personal_link(lesson, bob)


def room_of(link):
    return Client().get(link.replace("/join?", "/join/room?"))["Location"]


def arrivals():
    return list(Attendance.objects.values_list("user__display_name", "status", "arrived_at"))


def removed(klass, alice, bob):
    Membership.objects.remove(klass, bob.pk, Actor(alice))


def reopened(klass, alice, bob):
    removed(klass, alice, bob)
    Membership.objects.reopen(klass, [bob.pk], Actor(alice))


def deactivated(klass, alice, bob):
    bob.edit(SYSTEM, is_active=False)


def renewed(klass, alice, bob):
    LiveSession.objects.get().renew_links(Actor(alice))


def archived(klass, alice, bob):
    klass.archive(Actor(alice))


ENDS = [
    (removed, REMOVED),
    (reopened, ENDED),
    (deactivated, ENDED),
    (renewed, ENDED),
    (archived, (200, "class_archived", "This class is archived")),
]


def test_the_arrival_is_marked_without_a_sign_in(lesson, link, bob):
    page = Client().get(link)
    assert (lobby_state(page), arrivals()) == (OPEN, [("Bob", "PRESENT", START)])
    assert "You join as <bdi" in text(page)
    [event] = Event.objects.filter(type="session.attendance_changed")
    assert (event.user_id, event.actor_user_id, event.actor_key_id) == (bob.pk, bob.pk, None)
    assert room_of(link) == ROOM
    Client().get(link)
    assert len(arrivals()) == 1


@pytest.mark.parametrize(("end", "state"), ENDS)
def test_a_link_that_no_longer_works_lets_nobody_in(algebra, alice, bob, lesson, link, end, state):
    end(algebra, alice, bob)
    assert (lobby_state(Client().get(link)), arrivals()) == (state, [])
    assert room_of(link) == link.removeprefix("http://testserver")
    assert "Bob" not in Client().get(link).text


def test_a_cancelled_session_lets_nobody_in(lesson, alice, link, time_machine):
    time_machine.move_to(START - timedelta(hours=1), tick=False)
    lesson.cancel(Actor(alice))
    assert lobby_state(Client().get(link)) == (200, "cancelled", "This lesson was cancelled")
    assert "Bob" not in Client().get(link).text


def test_wrong_tokens_let_nobody_in(algebra, lesson, bob, charlie, link, schedule, settings):
    settings.SIGNED_TEACHER_LINKS = True
    of_stranger, of_other_session = token_for(lesson, charlie.pk), token_for(schedule(klass=algebra), bob.pk)
    of_nobody = token_for(lesson, "usr_01h455vb4pex5vsknk084sn02q")
    of_teacher = lesson.teacher_link.partition("token=")[2]
    for token in ("", "x", "\0", link[-60:], of_stranger, of_other_session, of_nobody, of_teacher):
        page = Client().get("/join", {"id": lesson.pk, "token": token})
        assert lobby_state(page) == ENDED
        assert f'href="/api/v1/sessions/{lesson.pk}"' in page.text
    assert arrivals() == []


def test_the_token_of_a_student_opens_nothing_for_teachers(algebra, alice, lesson, link, settings):
    settings.SIGNED_TEACHER_LINKS = True
    for token in (link.partition("token=")[2], personal_link(lesson, alice).partition("token=")[2]):
        for path in ("/board", "/board/room"):
            page = Client().get(path, {"id": lesson.pk, "role": "teacher", "token": token})
            assert (page.status_code, page["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_a_sign_in_counts_more_than_the_link_of_somebody_else(algebra, alice, charlie, dora, lesson, link, join):
    join(algebra, charlie)
    assert lobby_state(client_for(dora).get(link)) == OPEN
    assert lobby_state(client_for(alice).get(link)) == OPEN
    assert arrivals() == []
    page = client_for(charlie).get(link)
    assert (arrivals(), "Bob" in page.text) == ([("Charlie", "PRESENT", START)], False)
    removed(algebra, alice, charlie)
    assert lobby_state(client_for(charlie).get(link)) == REMOVED


def test_only_students_and_only_visits_arrive(alice, lesson, link):
    assert lobby_state(Client().get(personal_link(lesson, alice))) == OPEN
    Client().head(link)
    Client().get(link, headers={"Sec-Purpose": "prefetch"})
    assert arrivals() == []


def test_before_the_start_the_link_waits(lesson, link, time_machine):
    time_machine.move_to(START - timedelta(minutes=1), tick=False)
    page = Client().get(link)
    assert (lobby_state(page), "You join as" in page.text) == ((200, "too_early", "You’re early"), True)
    assert arrivals() == []


def test_the_page_differs_for_each_person(lesson, link, bob):
    """Otherwise a browser would keep showing the name of whoever came before."""
    versions = [Client().get(address).context["version"] for address in (lesson.student_link, link)]
    bob.edit(SYSTEM, display_name="Robert")
    versions.append(Client().get(link).context["version"])
    assert len(set(versions)) == 3


def test_the_number_of_statements(lesson, link, django_assert_num_queries):
    Client().get(link)
    with django_assert_num_queries(5):
        Client().get(link)
    with django_assert_num_queries(2):
        Client().get(f"{link}x")


# Admission


@pytest.fixture
def admit(api, lesson):
    return lambda token, by=None, **query: api(by).get(
        f"/sessions/{lesson.pk}/admission", {"role": "student", "token": token, **query}
    )


def told(reason, user=None):
    times = {"opensAt": "2026-03-20T10:00:00Z", "closesAt": "2026-03-20T11:00:00Z"}
    shown = {"admitted": reason == "open", "reason": reason, **times, "title": "Introduction to Calculus"}
    return answer({**shown, "userId": user and user.pk})


def test_the_board_learns_who_comes(admit, alice, bob, charlie, lesson):
    token = token_for(lesson, bob.pk)
    for caller in (None, alice, charlie):
        assert (admit(token, caller).status_code, admit(token, caller).json()) == (200, told("open", bob))
    assert admit(token, at="2026-03-20T09:00:00Z").json() == told("too_early", bob)
    assert admit(token, at="2026-03-20T11:00:00Z").json() == told("over", bob)
    assert admit("x", bob).json() == told("link_ended")
    assert admit("", bob).json() == told("link_ended")
    assert admit("x", at="2026-03-20T11:00:00Z").json() == told("over")
    assert arrivals() == []


@pytest.mark.parametrize(("end", "state"), ENDS)
def test_the_board_learns_nobody_from_a_link_that_no_longer_works(admit, algebra, alice, bob, lesson, end, state):
    token = token_for(lesson, bob.pk)
    end(algebra, alice, bob)
    assert admit(token).json() == told(state[1])


def test_a_token_is_for_students(api, alice, bob, lesson):
    query = {"role": "teacher", "token": token_for(lesson, bob.pk)}
    assert verdict(api(alice).get(f"/sessions/{lesson.pk}/admission", query)) == invalid_parameter("token")
