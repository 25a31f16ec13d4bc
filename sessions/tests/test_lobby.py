"""The lobby page that session links lead to: it shows the result of `admission()` in words."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from sessions import lobby
from sessions.admission import Admission, Reason
from sessions.models import LiveSession
from sessions.personal_links import visitors
from sessions.tests.lobby_pages import TEN, client_for, lobby_state, schedule_at_ten, text, visit_board, visit_lobby
from tutorarc.domain.events import Actor

UNKNOWN = "session_01h455vb4pex5vsknk084sn02q"


@pytest.fixture(autouse=True)
def _served_here(settings):
    settings.BOARD_URL = "http://testserver"


@pytest.fixture
def schedule(alice, time_machine):
    return partial(schedule_at_ten, alice, time_machine)


@pytest.mark.parametrize(
    ("minutes", "reason", "headline"),
    [
        (-1, Reason.TOO_EARLY, "You’re early"),
        (0, Reason.OPEN, "Your teacher will start here"),
        (59, Reason.OPEN, "Your teacher will start here"),
        (60, Reason.OVER, "This lesson is over"),
    ],
)
def test_a_strict_session_admits_a_student_from_start_to_end(schedule, time_machine, minutes, reason, headline):
    session = schedule()
    time_machine.move_to(TEN + timedelta(minutes=minutes), tick=False)
    assert lobby_state(visit_lobby(session)) == (200, reason, headline)


def test_a_session_that_is_not_strict_is_open_before_the_start(alice):
    start = timezone.now() + timedelta(hours=1)  # no clock is moved: an id's moment, so `created_at`, is always real
    session = LiveSession.objects.schedule(Actor(alice), title="Sums", start_time=start, duration=5, teacher_ref="t")
    page = visit_lobby(session)
    assert lobby_state(page) == (200, Reason.OPEN, "Your teacher will start here")
    assert "Before, during and after the lesson, until the teacher ends it" in text(page)


def test_cancelled_ended_and_archived_sessions_have_their_own_text(schedule, alice, algebra):
    cancelled, ended, archived = schedule(), schedule(strict=False), schedule(klass=algebra)
    cancelled.cancel(Actor(alice))
    ended.end(Actor(alice))
    algebra.archive(Actor(alice))
    assert [lobby_state(visit_lobby(session)) for session in (cancelled, ended, archived)] == [
        (200, Reason.CANCELLED, "This lesson was cancelled"),
        (200, Reason.OVER, "This lesson is over"),
        (200, Reason.CLASS_ARCHIVED, "This class is archived"),
    ]


def test_every_reason_of_a_student_has_a_headline():
    assert set(lobby.HEADLINES) == set(Reason) - {Reason.NOT_A_TEACHER}


def test_the_page_shows_the_result_of_the_admission_rule(schedule, monkeypatch):
    session = schedule()
    calls = []

    def refuse(*asked):
        calls.append(asked)
        return Admission(Reason.CANCELLED, TEN, None)

    monkeypatch.setattr(visitors, "admission", refuse)
    assert lobby_state(visit_lobby(session))[1] == Reason.CANCELLED
    assert calls == [(session, "student", TEN - timedelta(hours=1))]


def test_it_shows_title_class_teacher_time_and_duration(schedule, algebra, alice):
    page = text(visit_lobby(schedule(title="<b>Sums</b>", duration=90, klass=algebra)))
    assert '<h1 id="lobby-title"><bdi dir="auto">&lt;b&gt;Sums&lt;/b&gt;</bdi></h1>' in page
    assert '<bdi dir="auto">Algebra</bdi> · with <bdi dir="auto">Alice</bdi></p>' in page
    assert '<time datetime="2026-03-20T10:00:00Z" data-local="near" data-end="2026-03-20T11:30:00Z"' in page
    assert "90 minutes" in page


def test_it_names_the_teachers_of_the_class_and_else_who_created_the_session(schedule, alice, algebra, make_user):
    own = schedule()
    for name in ("Dora", "Erin", "Frank"):
        algebra.memberships.enrol(algebra, make_user(name, "TEACHER"), "TEACHER", Actor(alice))
    teachers = [visit_lobby(session).context["teachers"] for session in (own, schedule(klass=algebra))]
    assert teachers == [["Alice"], ["Alice", "Dora", "Erin"]]


@pytest.mark.parametrize(
    ("strict", "of_student", "of_teacher"),
    [
        (True, "Only during the lesson", "For you 15 minutes before, for students only during the lesson"),
        (False, *["Before, during and after the lesson, until the teacher ends it"] * 2),
    ],
)
def test_it_says_when_entry_is_open(schedule, alice, strict, of_student, of_teacher):
    session = schedule(strict=strict)
    assert f"<dt>Entry</dt><dd>{of_student}</dd>" in text(visit_lobby(session))
    assert f"<dt>Entry</dt><dd>{of_teacher}</dd>" in text(visit_board(session, client_for(alice)))


def test_without_script_it_shows_the_waiting_time_and_a_reload_link(schedule):
    session = schedule()
    page = text(visit_lobby(session))
    assert re.search(r'<p class="countdown" id="countdown" role="timer" data-until="\d+">1 hour</p>', page)
    assert f'<noscript><a href="/join?id={session.pk}">Reload</a></noscript>' in page


def test_the_script_gets_the_servers_clock_and_the_next_change(schedule, time_machine):
    session = schedule()
    page = text(visit_lobby(session))
    assert f'data-now="{(TEN.timestamp() - 3600) * 1000:.0f}"' in page
    assert f'data-change="{TEN.timestamp() * 1000:.0f}"' in page
    time_machine.move_to(TEN, tick=False)
    assert f'data-change="{(TEN.timestamp() + 3600) * 1000:.0f}"' in text(visit_lobby(session))


def test_a_lobby_of_a_session_that_was_ended_or_cancelled_loads_no_script(schedule, alice, time_machine):
    cancelled, ended, over = schedule(), schedule(strict=False), schedule()
    cancelled.cancel(Actor(alice))
    ended.end(Actor(alice))
    time_machine.move_to(TEN + timedelta(hours=1), tick=False)
    pages = [text(visit_lobby(session)) for session in (cancelled, ended, over)]
    assert ["lobby.js" in page for page in pages] == [False, False, True]
    assert ["data-final" in page for page in pages] == [True, True, False]


def version(session):
    return visit_lobby(session).context["version"]


def look_again(session, version):
    return Client().get("/join", {"id": session.pk}, headers={"If-None-Match": f'"{version}"'})


def test_a_lobby_that_has_not_changed_is_answered_with_304(schedule, django_assert_num_queries):
    session = schedule()
    known = version(session)
    with django_assert_num_queries(1):
        response = look_again(session, known)
    assert (response.status_code, response.content) == (304, b"")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Limits"},
        {"start_time": TEN + timedelta(minutes=1)},
        {"start_time": TEN - timedelta(hours=2)},
        {"duration": 61},
        "strict",
        {"room_url": "https://meet.example.com/a"},
        "cancel",
        "end",
        "archive",
        "rename the class",
        "give the class a room",
    ],
)
def test_every_change_gives_a_new_version(schedule, alice, algebra, changes, strict):
    """Although the clock of these tests stands, and `updated_at` stays the same."""
    session = schedule(strict=strict, klass=algebra)
    known = version(session)
    match changes:
        case "strict":
            session.reschedule(Actor(alice), strict=not strict)
        case "cancel" | "end":
            getattr(session, changes)(Actor(alice))
        case "archive":
            algebra.archive(Actor(alice))
        case "rename the class":
            algebra.edit(Actor(alice), title="Groups")
        case "give the class a room":
            algebra.change_settings(Actor(alice), room_url="https://meet.example.com/a")
        case _:
            session.reschedule(Actor(alice), **changes)
    assert look_again(session, known).status_code == 200


def test_passing_time_gives_a_new_version(schedule, time_machine):
    session = schedule()
    early = version(session)
    time_machine.move_to(TEN, tick=False)
    assert look_again(session, early).status_code == 200


@pytest.mark.parametrize(
    "path", ["/join", "/board?role=teacher", "/join?id=", "/join?id=nonsense", f"/join?id={UNKNOWN}"]
)
@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_session_is_404_in_the_same_layout(client, db, settings, path, debug):
    settings.DEBUG = debug
    response = client.get(path)
    assert response.status_code == 404
    assert b"Page not found" in response.content


def test_a_nul_in_the_id_is_404(client, db):
    assert client.get("/join?id=session_%00").status_code == 404


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://board.tutorarc.com", 404),
        ("http://testserver:8000", 200),
        ("https://TESTSERVER", 200),
        ("http://[::1]:8000", 200),
    ],
)
def test_it_is_served_only_if_the_board_is_on_our_own_host(settings, schedule, url, status):
    settings.ALLOWED_HOSTS = ["testserver", "[::1]"]
    settings.BOARD_URL = url
    assert visit_lobby(schedule()).status_code == status


@pytest.mark.parametrize("path", ["/join", "/board"])
def test_the_lobby_pages_accept_get_only(client, db, path):
    assert client.post(path).status_code == 405


def test_the_lobby_pages_are_not_cached(schedule):
    assert "no-store" in visit_lobby(schedule())["Cache-Control"]


def test_a_lobby_page_costs_two_queries(schedule, algebra, django_assert_num_queries):
    for session in (schedule(), schedule(klass=algebra)):
        with django_assert_num_queries(2):
            visit_lobby(session)
