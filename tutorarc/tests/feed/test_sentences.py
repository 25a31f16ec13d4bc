"""Events in sentences, as the pages of a class show them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import strip_tags

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.feed.sentences import is_told, sentences
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.models.event_types import PUBLIC_TYPES


@pytest.fixture
def told():
    """`told()`: the sentences of what has happened since the last call."""
    shown = 0

    def read():
        nonlocal shown
        number_events()
        new = [strip_tags(sentence.text) for sentence in sentences(list(Event.objects.numbered()))]
        found, shown = new[shown:], len(new)
        return found

    return read


def test_what_happens_to_a_class(told, alice):
    by = Actor(alice)
    klass = Class.objects.create_with_teacher(by, title="Algebra")
    klass.edit(by, title="Algebra II", description="Rings")
    klass.edit(by, description="Fields")
    klass.renew_code(by)
    klass.archive(by)
    klass.unarchive(by)
    assert told()[-7:] == [
        "Alice created the class",
        "Alice became the first teacher",
        "Alice renamed the class from Algebra to Algebra II",
        "Alice edited the description",
        "Alice created a new class code",
        "Alice archived the class",
        "Alice restored the class",
    ]


def test_what_happens_to_people(told, alice, bob, charlie, dora, algebra, join):
    told()
    by = Actor(alice)
    join(algebra, bob)
    Membership.objects.remove(algebra, bob.pk, by)
    Membership.objects.reopen(algebra, [bob.pk], by)
    Membership.objects.reject(algebra, [bob.pk], by)
    Membership.objects.enrol(algebra, charlie, "STUDENT", by)
    Membership.objects.leave(algebra, Actor(charlie))
    Membership.objects.enrol(algebra, dora, "TEACHER", by)
    Membership.objects.change_role(algebra, dora.pk, "STUDENT", by)
    Membership.objects.change_role(algebra, dora.pk, "TEACHER", by)
    assert told() == [
        "Bob asked to join",
        "Alice approved Bob",
        "Alice removed Bob",
        "Alice put Bob back among the join requests",
        "Alice declined the request of Bob",
        "Alice added Charlie",
        "Charlie left the class",
        "Alice added Dora as a teacher",
        "Alice made Dora a student",
        "Alice made Dora a teacher",
    ]


def test_what_happens_to_lessons(told, alice, schedule):
    told()
    by = Actor(alice)
    session = schedule(title="Rings", start_time=timezone.now() + timedelta(days=1))
    session.reschedule(by, title="Fields")
    session.reschedule(by, start_time=timezone.now() + timedelta(days=2))
    session.cancel(by)
    schedule(title="Groups", strict=False).end(by)
    assert told() == [
        "Alice scheduled the lesson Rings",
        "Alice edited the lesson Fields",
        "Alice moved the lesson Fields",
        "Alice cancelled the lesson Fields",
        "Alice scheduled the lesson Groups",
        "The lesson Groups started",
        "Alice ended the lesson Groups",
    ]


def test_what_the_clock_or_a_command_does(add_event, algebra, bob):
    of_bob = {"user_id": bob.pk, "data": {"role": "STUDENT"}}
    events = [
        add_event("session.started", algebra, data={"title": "Rings"}),
        add_event("session.ended", algebra, data={"title": "Rings"}),
        add_event("membership.enrolled", algebra, **of_bob),
        add_event("membership.withdrawn", algebra, **of_bob),
        add_event(
            "session.attendance_changed", algebra, actor_user_id=bob.pk, changes={"arrivedAt": [None, "now"]}, **of_bob
        ),
        add_event("session.attendance_changed", algebra, **of_bob),
    ]
    assert [strip_tags(sentence.text) for sentence in sentences(events)] == [
        "The lesson Rings started",
        "The lesson Rings ended",
        "TutorArc added Bob",
        "Bob withdrew the request to join",
        "Bob arrived at a lesson",
        "TutorArc marked the attendance of Bob",
    ]


def test_names_and_titles_are_escaped_and_keep_their_direction(add_event, alice, algebra):
    changes, data = {"title": ["<b>", "</b>{person}"]}, {"title": "</b>{person}"}
    [sentence] = sentences([add_event("class.updated", algebra, actor_user_id=alice.pk, changes=changes, data=data)])
    assert sentence.text == (
        '<bdi dir="auto">Alice</bdi> renamed the class from <bdi dir="auto">&lt;b&gt;</bdi> to '
        '<bdi dir="auto">&lt;/b&gt;{person}</bdi>'
    )


def test_names_take_one_statement(add_event, alice, bob, charlie, algebra, django_assert_num_queries):
    events = [
        add_event("membership.approved", algebra, user_id=one.pk, actor_user_id=alice.pk) for one in (bob, charlie)
    ]
    with django_assert_num_queries(1):
        assert len(sentences(events)) == 2
    with django_assert_num_queries(0):
        assert sentences([]) == []


@pytest.mark.parametrize("model", [Class, Membership, LiveSession])
def test_every_public_event_of_a_class_is_worded(model):
    source = model.event_source
    types = {f"{source.kind}.{what}" for what in source.types.values()} & set(PUBLIC_TYPES)
    assert [name for name in types if not is_told(name)] == []
