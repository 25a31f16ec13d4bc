"""The teacher's lobby, which needs more than the session's id."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client

from sessions.admission import Reason
from sessions.links import student_link, teacher_link
from sessions.tests.lobby_pages import TEN, client_for, lobby_state, schedule_at_ten, text, visit_board, visit_lobby
from tutorarc.domain.events import Actor


@pytest.fixture(autouse=True)
def _served_here(settings):
    settings.BOARD_URL = "http://testserver"


@pytest.fixture
def schedule(alice, time_machine):
    return partial(schedule_at_ten, alice, time_machine)


def test_a_board_on_another_host_has_no_teachers_lobby_here(settings, schedule, alice):
    settings.BOARD_URL = "https://board.tutorarc.com"
    assert visit_board(schedule(), client_for(alice)).status_code == 404


def test_the_links_of_a_session_lead_to_these_lobbies(schedule, alice):
    session = schedule()
    assert lobby_state(client_for(alice).get(session.student_link))[1] == Reason.TOO_EARLY
    assert client_for(alice).get(session.teacher_link).context["role"] == "teacher"


def test_the_session_id_alone_gives_no_teacher_rights(schedule):
    session = schedule()
    response = visit_board(session)
    path = f"/board?id={session.pk}&role=teacher"
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next=/board%3Fid%3D{session.pk}%26role%3Dteacher"
    assert path == Client().get(response["Location"]).context["redirect_field_value"]


@pytest.mark.parametrize("role", ["", "student", "TEACHER"])
def test_an_unknown_role_gets_the_students_lobby(schedule, role):
    session = schedule()
    response = visit_board(session, role=role)
    assert (response.status_code, response["Location"]) == (302, f"/join?id={session.pk}")


@pytest.mark.parametrize(("minutes", "reason"), [(-16, Reason.TOO_EARLY), (-15, Reason.OPEN), (60, Reason.OVER)])
def test_its_creator_is_admitted_fifteen_minutes_before(schedule, time_machine, alice, minutes, reason):
    session = schedule()
    time_machine.move_to(TEN + timedelta(minutes=minutes), tick=False)
    assert lobby_state(visit_board(session, client_for(alice)))[:2] == (200, reason)


def test_a_class_teacher_and_an_admin_are_admitted_too(schedule, alice, algebra, dora, admin):
    session = schedule(klass=algebra)
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    assert [lobby_state(visit_board(session, client_for(user)))[0] for user in (dora, admin)] == [200, 200]


def test_a_user_without_rights_is_refused_and_shown_the_students_link(schedule, algebra, join, bob, dora):
    session = schedule(klass=algebra)
    join(algebra, bob)
    for stranger in (bob, dora):
        response = visit_board(session, client_for(stranger))
        assert response.status_code == 403
        assert f'href="http://testserver/join?id={session.pk}"' in text(response)
        assert "teacherLink" not in text(response)


def test_a_signed_link_admits_a_teacher_without_sign_in(settings, schedule):
    settings.SIGNED_TEACHER_LINKS = True
    session = schedule()
    response = Client().get(teacher_link(session.pk))
    assert (response.status_code, response.context["role"]) == (200, "teacher")


@pytest.mark.parametrize("token", ["", "x", "é", "\0"])
def test_a_wrong_token_is_ignored(settings, schedule, token):
    settings.SIGNED_TEACHER_LINKS = True
    assert visit_board(schedule(), token=token).status_code == 302


def test_another_sessions_token_is_ignored(settings, schedule):
    settings.SIGNED_TEACHER_LINKS = True
    mine, other = schedule(), schedule()
    token = teacher_link(other.pk).partition("&token=")[2]
    assert visit_board(mine, token=token).status_code == 302


def test_a_valid_token_is_ignored_if_signed_links_are_off(settings, schedule):
    session = schedule()
    settings.SIGNED_TEACHER_LINKS = True
    link = teacher_link(session.pk)
    settings.SIGNED_TEACHER_LINKS = False
    assert Client().get(link).status_code == 302


def test_a_student_sees_no_teachers_link_and_a_teacher_the_students(schedule, alice):
    session = schedule()
    assert f'value="{student_link(session.pk)}"' in text(visit_board(session, client_for(alice)))
    assert "role=teacher" not in text(visit_lobby(session, client_for(alice)))
