"""Live sessions of a class that is handed over to another teacher."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from members.transfers import transfer
from sessions.models import LiveSession
from sessions.transfers import hand_over_sessions
from tutorarc.domain.events import Actor
from tutorarc.testing.events import events_of, types_of

HOUR = timedelta(hours=1)


@pytest.fixture
def hand_over(algebra, alice, dora, admin):
    return lambda: transfer(algebra, dora.pk, Actor(admin), from_user_id=alice.pk, may_enrol=True)


@pytest.fixture
def coming(schedule, algebra):
    def make(**fields):
        return schedule(**{"klass": algebra, "start_time": timezone.now() + HOUR, **fields})

    return make


def creators(*sessions):
    return [LiveSession.objects.get(pk=session.pk).created_by for session in sessions]


def test_sessions_that_are_not_over_follow(algebra, alice, dora, coming, hand_over):
    begun = timezone.now() - 2 * HOUR
    follow = coming(), coming(strict=False, start_time=begun)
    over = coming(strict=True, start_time=begun), coming().end(Actor(alice)), coming().cancel(Actor(alice))
    hand_over()
    assert creators(*follow) == [dora, dora]
    assert creators(*over) == [alice, alice, alice]


def test_sessions_of_others_and_of_no_class_stay(algebra, alice, admin, coming, hand_over):
    stay = coming(klass=None), coming(by=admin)
    hand_over()
    assert creators(*stay) == [alice, admin]


def test_a_teacher_id_that_is_the_id_of_the_teacher_follows(alice, dora, coming, hand_over):
    alice.edit(Actor(), external_id="T-1")
    dora.edit(Actor(), external_id="T-2")
    sessions = [coming(teacher_ref=name) for name in (alice.pk, "T-1", "somebody")]
    hand_over()
    refs = [LiveSession.objects.get(pk=session.pk).teacher_ref for session in sessions]
    assert refs == [dora.pk, "T-2", "somebody"]


def test_an_external_id_stays_if_the_other_teacher_has_none(alice, coming, hand_over):
    alice.edit(Actor(), external_id="T-1")
    session = coming(teacher_ref="T-1")
    hand_over()
    assert LiveSession.objects.get(pk=session.pk).teacher_ref == "T-1"


def test_the_event_tells_of_a_changed_teacher_id(alice, dora, coming, hand_over):
    named, unnamed = coming(teacher_ref=alice.pk), coming()
    hand_over()
    assert (types_of(named), types_of(unnamed)) == (["scheduled", "rescheduled"], ["scheduled", "transferred"])
    event = events_of(named)[-1]
    assert event.changes == {"teacherId": [alice.pk, dora.pk]}
    assert event.data["teacherId"] == dora.pk


def test_the_former_teacher_keeps_no_working_link(settings, algebra, alice, dora, coming, hand_over):
    settings.SIGNED_TEACHER_LINKS, settings.BOARD_URL = True, "http://testserver"
    former = coming().teacher_link
    hand_over()
    new = LiveSession.objects.get().teacher_link_for(dora)
    assert [Client().get(link).status_code == 200 for link in (former, new)] == [False, True]


@pytest.mark.parametrize("number", [1, 20])
def test_a_term_costs_as_many_statements_as_one_session(
    algebra, alice, dora, admin, coming, number, django_assert_num_queries
):
    for _ in range(number):
        coming()
    with transaction.atomic(), django_assert_num_queries(3):
        hand_over_sessions(algebra, alice, dora, Actor(admin))


def test_an_external_id_that_the_other_teacher_has_used_stays_with_their_session(dora, coming, hand_over):
    theirs = coming(klass=None, by=dora, external_id="lesson-1")
    clashing, free = coming(external_id="lesson-1"), coming(external_id="lesson-2")
    hand_over()
    stored = [LiveSession.objects.get(pk=session.pk).external_id for session in (theirs, clashing, free)]
    assert stored == ["lesson-1", None, "lesson-2"]
    assert events_of(clashing)[-1].changes == {"externalId": ["lesson-1", None]}
