"""Fifty wrong codes with one prefix in an hour: its teachers are told by mail, on the page of the class and at home."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from classes.code_notice import CodeNotice
from members import guessed_codes
from tutorarc.domain.events import Actor
from tutorarc.testing.mail import do_mail_jobs

NINE = datetime(2026, 3, 14, 9, tzinfo=UTC)
TOLD = "that begin with ALGE were tried"


@pytest.fixture(autouse=True)
def no_other_limit(settings, time_machine):
    settings.CODE_GUESS_LIMIT = None
    time_machine.move_to(NINE, tick=False)


@pytest.fixture
def guess(api, bob):
    client = api(bob)

    def wrong(times, code="ALGE-0000"):
        assert {client.post("/join-requests", {"class_code": code}).status_code for _ in range(times)} == {400}
        do_mail_jobs()

    return wrong


def messages():
    """Without those that tell of the API key of the test's client."""
    return [message for message in mail.outbox if message.subject.startswith("Many wrong class codes")]


def mailed():
    return sorted(message.to[0] for message in messages())


def notice_on(page):
    found = re.search(r'<div class="notice warn" id="guessed-codes">(.*?)</div>', page.content.decode(), re.DOTALL)
    return found[1] if found else ""


def test_the_fiftieth_wrong_code_within_an_hour_tells_the_teachers(guess, algebra, alice, charlie, join):
    join(algebra, charlie, "APPROVED")
    guess(49)
    assert (mailed(), CodeNotice.objects.count()) == ([], 0)
    guess(1)
    assert (mailed(), CodeNotice.objects.get().prefix) == ([alice.email], "ALGE")


def test_wrong_codes_that_come_evenly_over_the_hour_count_too(guess, algebra, alice, time_machine):
    for minute in range(0, 61, 6):
        time_machine.move_to(NINE + timedelta(minutes=minute), tick=False)
        guess(5)
    assert mailed() == [alice.email]


def test_fewer_in_an_hour_tell_nobody(guess, algebra, time_machine):
    for hour in range(4):
        time_machine.move_to(NINE + timedelta(hours=hour), tick=False)
        guess(24)
    assert mailed() == []


def test_they_are_told_once_an_hour(guess, algebra, alice, time_machine):
    guess(120)
    time_machine.move_to(NINE + timedelta(minutes=59), tick=False)
    guess(10)
    assert mailed() == [alice.email]
    time_machine.move_to(NINE + timedelta(minutes=60), tick=False)
    guess(10)
    assert mailed() == [alice.email] * 2


def test_each_prefix_is_counted_for_itself_however_it_is_typed(guess, algebra):
    guess(25)
    guess(24, " alge–zzzz ")
    guess(49, "GEOM-0000")
    guess(49, "!")
    assert mailed() == []
    guess(1, "ＡＬＧＥ0000")
    assert len(mailed()) == 1


def test_the_mail_names_the_classes_and_no_code(guess, algebra, alice, settings):
    settings.PUBLIC_URL = "https://tutorarc.example.org"
    other = type(algebra).objects.create_with_teacher(Actor(alice), title="Algebra for all")
    archived = type(algebra).objects.create_with_teacher(Actor(alice), title="Algebra of old")
    archived.archive(Actor(alice))
    guess(50)
    [message] = messages()
    assert message.subject == "Many wrong class codes that begin with ALGE were tried"
    newest_first = sorted((algebra, other), key=lambda klass: klass.pk, reverse=True)
    links = [f"{klass.title}\nhttps://tutorarc.example.org/api/v1/classes/{klass.pk}\n" for klass in newest_first]
    assert "\n".join(links) in message.body
    assert archived.title not in message.body
    assert not [klass for klass in (algebra, other, archived) if klass.class_code in message.body]


def test_teachers_who_are_not_active_get_no_mail(guess, algebra, alice):
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    guess(50)
    assert mailed() == []


def test_at_most_a_hundred_classes_are_told(guess, algebra, alice, dora, monkeypatch):
    monkeypatch.setattr(guessed_codes, "MAX_CLASSES", 1)
    type(algebra).objects.create_with_teacher(Actor(dora), title="Algebra for all")
    guess(50)
    assert mailed() == [dora.email]


def test_teachers_see_it_for_a_day_on_the_page_of_the_class_and_at_home(
    guess, algebra, alice, bob, join, signed_in, client, time_machine
):
    geometry = type(algebra).objects.create_with_teacher(Actor(alice), title="Geometry")
    join(algebra, bob, "APPROVED")
    teacher, student = signed_in(alice), signed_in(bob)
    client.force_login(alice)

    def shown():
        pages = [signed.get(f"/classes/{klass.pk}", headers={"Accept": "text/html"}) for signed, klass in visits]
        return [TOLD in notice_on(page) for page in pages] + [algebra.title in notice_on(client.get("/"))]

    visits = [(teacher, algebra), (teacher, geometry), (student, algebra)]
    assert shown() == [False] * 4
    guess(50)
    assert shown() == [True, False, False, True]
    assert algebra.class_code not in notice_on(client.get("/"))
    time_machine.move_to(NINE + timedelta(days=1), tick=False)
    assert shown() == [False] * 4


def test_wrong_codes_for_a_class_by_its_id_count_too(api, bob, algebra):
    for _ in range(50):
        api(bob).post(f"/classes/{algebra.pk}/join-request", {"class_code": "ALGE-0000"})
    assert CodeNotice.objects.count() == 1


def test_right_codes_do_not_count(api, bob, algebra):
    for _ in range(50):
        api(bob).post("/join-requests", {"class_code": algebra.class_code})
    assert CodeNotice.objects.count() == 0
