"""Notices by mail about join requests: who is told what, and what is no longer told."""

import pytest

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.mail.models import Notice, UnwantedKind
from tutorarc.mail.notices import notify
from tutorarc.models import Event
from tutorarc.models.event import number_events

PUBLIC = "https://school.example"


@pytest.fixture(autouse=True)
def _public(settings):
    settings.PUBLIC_URL = PUBLIC


@pytest.fixture
def ask():
    """`ask(klass, bob, charlie)`: they request to join."""

    def request(klass, *people):
        for person in people:
            Membership.objects.request(klass, klass.class_code, Actor(person))

    return request


def heads(letters):
    return sorted((letter.to[0], letter.subject) for letter in letters)


# Join requests


def test_a_request_is_told_to_the_teacher(algebra, alice, bob, ask, sent_mail):
    ask(algebra, bob)
    [letter] = sent_mail()
    assert (letter.to, letter.subject) == (["alice@example.org"], "Bob requests to join Algebra")
    assert letter.body == (
        "Hello Alice,\n\n"
        "Bob requests to join Algebra.\n\n"
        f"Answer the request: {PUBLIC}/api/v1/classes/{algebra.pk}/members\n\n"
        "TutorArc\n\n"
        "-- \n"
        "You get this e-mail because you teach a class.\n"
        f"Stop e-mails of this kind: {letter.extra_headers['List-Unsubscribe'][1:-1]}\n"
        f"Choose your e-mails: {PUBLIC}/accounts/notifications\n"
    )
    assert letter.extra_headers["List-Unsubscribe"].startswith(f"<{PUBLIC}/accounts/unsubscribe/")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_thirty_requests_are_one_mail_with_the_first_names(algebra, crowd, ask, sent_mail):
    people = crowd(Class.objects.create_with_teacher(Actor(algebra.created_by), title="Other"), 30)
    ask(algebra, *people)
    [letter] = sent_mail()
    assert letter.subject == "30 requests to join Algebra"
    lines = letter.body.splitlines()
    assert lines[2] == "30 people request to join Algebra:"
    assert lines[3:14] == [*(f"- Approved {number}" for number in range(10)), "- and 20 more"]


def test_requests_for_several_classes_are_one_mail(algebra, alice, bob, charlie, ask, sent_mail):
    geometry = Class.objects.create_with_teacher(Actor(alice), title="Geometry")
    ask(algebra, bob)
    ask(geometry, charlie)
    [letter] = sent_mail()
    assert letter.subject == "2 requests to join 2 classes"
    assert [line for line in letter.body.splitlines() if "requests to" in line] == [
        "Bob requests to join Algebra.",
        "Charlie requests to join Geometry.",
    ]


def test_a_request_that_was_told_before_is_not_told_again(algebra, alice, bob, charlie, ask, sent_mail):
    geometry = Class.objects.create_with_teacher(Actor(alice), title="Geometry")
    ask(geometry, bob)
    assert len(sent_mail()) == 1
    ask(algebra, bob)
    ask(geometry, charlie)
    assert [line for line in sent_mail()[1].body.splitlines() if "requests to" in line] == [
        "Bob requests to join Algebra.",
        "Charlie requests to join Geometry.",
    ]


def test_every_active_teacher_is_told_and_nobody_else(
    algebra, alice, bob, charlie, dora, make_user, join, ask, sent_mail
):
    erin = make_user("Erin", "TEACHER")
    for teacher in (dora, erin):
        Membership.objects.enrol(algebra, teacher, "TEACHER", Actor(alice))
    erin.edit(SYSTEM, is_active=False)
    join(algebra, charlie, "APPROVED")
    sent_before = len(sent_mail())
    ask(algebra, bob)
    assert heads(sent_mail()[sent_before:]) == [
        ("alice@example.org", "Bob requests to join Algebra"),
        ("dora@example.org", "Bob requests to join Algebra"),
    ]


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda klass, alice, bob: Membership.objects.approve(klass, [bob.pk], Actor(alice)),
        lambda klass, alice, bob: Membership.objects.reject(klass, [bob.pk], Actor(alice)),
        lambda klass, alice, bob: klass.archive(Actor(alice)),
        lambda klass, alice, bob: alice.edit(SYSTEM, global_role="ADMIN", is_active=False),
        lambda klass, alice, bob: UnwantedKind.objects.unsubscribe(alice.pk, "join_requests"),
    ],
    ids=["approved", "rejected", "archived", "teacher inactive", "not wanted"],
)
def test_what_is_answered_or_not_wanted_by_then_is_not_told(
    algebra, alice, bob, dora, ask, sent_mail, queue_notices, meanwhile
):
    Membership.objects.enrol(algebra, dora, "TEACHER", Actor(alice))
    ask(algebra, bob)
    queue_notices()
    assert Notice.objects.filter(user=alice, kind="join_requests").count() == 1
    meanwhile(algebra, alice, bob)
    assert [head for head in heads(sent_mail()) if head[0] == alice.email] == []


def test_a_kind_that_is_not_wanted_makes_no_notice(algebra, alice, bob, ask, queue_notices):
    UnwantedKind.objects.unsubscribe(alice.pk, "join_requests")
    ask(algebra, bob)
    queue_notices()
    assert Notice.objects.count() == 0


def test_names_from_right_to_left_leave_the_words_in_order(algebra, alice, bob, ask, sent_mail):
    bob.edit(SYSTEM, display_name="דוד")
    algebra.edit(Actor(alice), title="אלגברה")
    ask(algebra, bob)
    [letter] = sent_mail()
    assert letter.subject == "\u2068דוד\u2069 requests to join \u2068אלגברה\u2069"
    [(html, _)] = letter.alternatives
    assert "<p>\u2068דוד\u2069 requests to join \u2068אלגברה\u2069.</p>" in html


def test_names_are_escaped_in_the_html_part_only(algebra, bob, ask, sent_mail):
    bob.edit(SYSTEM, display_name="<b>Bob</b> & Co")
    ask(algebra, bob)
    [letter] = sent_mail()
    [(html, kind)] = letter.alternatives
    assert kind == "text/html"
    assert "<p>&lt;b&gt;Bob&lt;/b&gt; &amp; Co requests to join Algebra.</p>" in html
    assert "<b>Bob</b> & Co requests to join Algebra." in letter.body


def test_without_a_public_address_there_are_no_links(algebra, bob, ask, sent_mail, settings):
    settings.PUBLIC_URL = ""
    ask(algebra, bob)
    [letter] = sent_mail()
    [(html, _)] = letter.alternatives
    assert [text for text in ("http", "<a", "/accounts") if text in letter.body + html] == []
    assert "List-Unsubscribe" not in letter.extra_headers
    assert "Choose your e-mails on the page of your account, under “Notifications”." in letter.body


# Answers


@pytest.mark.parametrize(
    ("act", "subject", "sentence"),
    [
        ("approve", "You have joined Algebra", "You have joined Algebra."),
        (
            "reject",
            "Your request to join Algebra was declined",
            "Your request to join Algebra was declined. If you don't know why, ask your teacher.",
        ),
    ],
)
def test_an_answer_is_told_to_the_person(algebra, alice, bob, ask, sent_mail, act, subject, sentence):
    ask(algebra, bob)
    before = len(sent_mail())
    getattr(Membership.objects, act)(algebra, [bob.pk], Actor(alice))
    [letter] = sent_mail()[before:]
    assert (letter.to, letter.subject) == (["bob@example.org"], subject)
    assert letter.body.splitlines()[2] == sentence
    assert ("Open the class" in letter.body) == (act == "approve")


def test_the_last_answer_counts_whichever_is_written_first(algebra, alice, bob, ask, sent_mail):
    ask(algebra, bob)
    before = len(sent_mail())
    Membership.objects.approve(algebra, [bob.pk], Actor(alice))
    Membership.objects.remove(algebra, bob.pk, Actor(alice))
    number_events()
    answers = Event.objects.filter(type__in=["membership.approved", "membership.removed"]).order_by("-position")
    for event in answers:
        notify({"events": [event.pk]})
    [letter] = sent_mail()[before:]
    assert letter.subject == "You are no longer in Algebra"


def test_who_was_removed_is_told(algebra, alice, bob, join, sent_mail):
    join(algebra, bob, "APPROVED")
    before = len(sent_mail())
    Membership.objects.remove(algebra, bob.pk, Actor(alice))
    [letter] = sent_mail()[before:]
    assert (letter.to, letter.subject) == (["bob@example.org"], "You are no longer in Algebra")


@pytest.mark.parametrize(
    ("role", "subject"),
    [("STUDENT", "You were added to Algebra"), ("TEACHER", "You were added to Algebra as a teacher")],
)
def test_who_was_added_is_told(algebra, alice, dora, sent_mail, role, subject):
    Membership.objects.enrol(algebra, dora, role, Actor(alice))
    assert heads(sent_mail()) == [("dora@example.org", subject)]


def test_nobody_is_told_what_they_did_themselves(algebra, alice, bob, join, sent_mail):
    """Alice founded the class. Bob leaves it."""
    join(algebra, bob, "APPROVED")
    before = len(sent_mail())
    Membership.objects.leave(algebra, Actor(bob))
    assert sent_mail()[before:] == []
    assert alice.email not in [letter.to[0] for letter in sent_mail()[:before] if "added" in letter.subject]


def test_of_several_answers_within_a_minute_the_last_one_is_told(algebra, alice, bob, ask, sent_mail):
    ask(algebra, bob)
    Membership.objects.reject(algebra, [bob.pk], Actor(alice))
    Membership.objects.reopen(algebra, [bob.pk], Actor(alice))
    Membership.objects.approve(algebra, [bob.pk], Actor(alice))
    assert [head for head in heads(sent_mail()) if head[0] == bob.email] == [(bob.email, "You have joined Algebra")]


def test_an_answer_that_was_taken_back_is_not_told(algebra, alice, bob, ask, sent_mail):
    ask(algebra, bob)
    Membership.objects.reject(algebra, [bob.pk], Actor(alice))
    Membership.objects.reopen(algebra, [bob.pk], Actor(alice))
    assert [head for head in heads(sent_mail()) if head[0] == bob.email] == []


def test_answers_of_several_classes_are_one_mail(algebra, alice, bob, join, sent_mail):
    geometry = Class.objects.create_with_teacher(Actor(alice), title="Geometry")
    for klass in (algebra, geometry):
        join(klass, bob, "APPROVED")
    assert [head for head in heads(sent_mail()) if head[0] == bob.email] == [(bob.email, "News of 2 classes")]


def test_a_person_who_was_deactivated_meanwhile_is_not_told(algebra, alice, bob, join, queue_notices, sent_mail):
    join(algebra, bob, "APPROVED")
    queue_notices()
    bob.edit(SYSTEM, is_active=False)
    assert [letter for letter in sent_mail() if letter.to == [bob.email]] == []
