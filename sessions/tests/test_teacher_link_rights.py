"""A signed teacher link works as long as the person who got it may change the session."""

from datetime import timedelta

import pytest
from django.test import Client

from members.models import Membership
from sessions.models import LiveSession
from sessions.tests.expected import END
from tutorarc.domain.events import SYSTEM, Actor

TWELVE_HOURS = timedelta(hours=12)


@pytest.fixture(autouse=True)
def _signed(settings, half_past_nine):
    settings.SIGNED_TEACHER_LINKS = True
    settings.BOARD_URL = "http://testserver"


@pytest.fixture
def with_dora(algebra, alice, dora):
    """Alice's class, which Dora teaches too."""
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    return algebra


def opens(link):
    """Whether the link lets in somebody who is not signed in: otherwise the page asks for a sign-in."""
    return {200: True, 302: False}[Client().get(link).status_code]


def link_of(api, user, made):
    return api(user).get(f"/sessions/{made.pk}").json()["data"]["teacherLink"]


def test_each_teacher_gets_a_token_of_their_own(api, alice, dora, admin, with_dora, schedule):
    made = schedule(klass=with_dora)
    links = [link_of(api, user, made) for user in (alice, dora, admin)]
    assert (len(set(links)), links[0], [opens(link) for link in links]) == (3, made.teacher_link, [True] * 3)


def test_the_pages_show_the_link_of_the_reader(signed_in, dora, with_dora, schedule):
    made = schedule(klass=with_dora)
    shown = made.teacher_link_for(dora).replace("&", "&amp;")
    page = signed_in(dora).get(f"/sessions/{made.pk}", headers={"Accept": "text/html"})
    assert (shown in page.text, made.teacher_link.replace("&", "&amp;") in page.text) == (True, False)


def removed(klass, alice, dora):
    Membership.objects.remove(klass, dora.pk, Actor(alice))


def left(klass, alice, dora):
    Membership.objects.leave(klass, Actor(dora))


def made_a_student_of_the_class(klass, alice, dora):
    Membership.objects.change_role(klass, dora.pk, "STUDENT", Actor(alice))


def deactivated(klass, alice, dora):
    dora.edit(SYSTEM, is_active=False)


def class_archived(klass, alice, dora):
    klass.archive(Actor(alice))


@pytest.mark.parametrize("end", [removed, left, made_a_student_of_the_class, deactivated, class_archived])
@pytest.mark.parametrize("is_creator", [True, False])
def test_the_link_of_a_teacher_who_lost_the_right_opens_nothing(alice, dora, with_dora, schedule, end, is_creator):
    made = schedule(klass=with_dora, by=dora if is_creator else alice)
    link, other = made.teacher_link_for(dora), made.teacher_link_for(alice)
    assert opens(link)
    end(with_dora, alice, dora)
    assert (opens(link), opens(other)) == (False, end is not class_archived)


def test_the_link_of_an_admin_who_became_a_teacher_opens_nothing(admin, algebra, schedule):
    link = schedule(klass=algebra).teacher_link_for(admin)
    assert opens(link)
    admin.edit(SYSTEM, global_role="TEACHER")
    assert not opens(link)


def test_a_right_that_comes_back_brings_the_link_back(alice, dora, with_dora, schedule):
    link = schedule(klass=with_dora).teacher_link_for(dora)
    made_a_student_of_the_class(with_dora, alice, dora)
    Membership.objects.change_role(with_dora, dora.pk, "TEACHER", Actor(alice))
    assert opens(link)


def test_a_renewal_ends_the_links_of_everybody(alice, dora, with_dora, schedule):
    made = schedule(klass=with_dora)
    links = [made.teacher_link_for(user) for user in (alice, dora)]
    renewed = made.renew_links(Actor(alice))
    assert [opens(link) for link in links] == [False, False]
    assert [opens(renewed.teacher_link_for(user)) for user in (alice, dora)] == [True, True]


def test_the_link_of_a_session_without_a_class_ends_with_its_creator(alice, schedule):
    link = schedule().teacher_link
    assert opens(link)
    alice.edit(SYSTEM, is_active=False)
    assert not opens(link)


@pytest.mark.parametrize(("later", "expected"), [(timedelta(seconds=-1), True), (timedelta(), False)])
@pytest.mark.parametrize("close", [None, LiveSession.end, LiveSession.cancel], ids=["over", "ended", "cancelled"])
def test_a_link_ends_twelve_hours_after_the_session(alice, schedule, time_machine, close, later, expected):
    made = schedule()
    if close:
        time_machine.move_to(END, tick=False)
        LiveSession.objects.filter(pk=made.pk).update(strict=False, start_time=END + timedelta(days=1))
        close(made, Actor(alice))
    time_machine.move_to(END + TWELVE_HOURS + later, tick=False)
    assert opens(made.teacher_link) is expected


def test_a_session_that_only_a_person_ends_keeps_its_link(schedule, time_machine):
    made = schedule(strict=False)
    time_machine.move_to(END + timedelta(days=30), tick=False)
    assert opens(made.teacher_link)
