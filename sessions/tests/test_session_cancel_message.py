"""The message of a cancellation: who is told it, and where."""

import pytest

from sessions.models import LiveSession
from tutorarc.domain.events import Actor
from tutorarc.models import Event
from tutorarc.testing.client import invalid, verdict

WHY = "I am ill.\nTuesday at ten?"
HTML = {"accept": "text/html"}


@pytest.fixture
def lesson(half_past_nine, algebra, schedule):
    return schedule(klass=algebra, title="Matrices")


@pytest.fixture
def cancel(api, alice, lesson):
    return lambda **body: api(alice).post(f"/sessions/{lesson.pk}/cancel", body)


def test_it_is_kept_and_told_by_the_event_alone(cancel, lesson):
    answer = cancel(message=f" {WHY} ").json()["data"]
    assert (answer["status"], [name for name in answer if "essage" in name]) == ("CANCELLED", [])
    assert LiveSession.objects.get().cancel_message == WHY
    event = Event.objects.get(type="session.cancelled")
    assert event.changes == {"status": ["SCHEDULED", "CANCELLED"], "message": ["", WHY]}


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": " "}])
def test_it_can_be_left_out(cancel, body):
    assert cancel(**body).status_code == 200
    assert Event.objects.get(type="session.cancelled").changes == {"status": ["SCHEDULED", "CANCELLED"]}


def test_the_first_message_stays(cancel):
    cancel(message="First")
    assert cancel(message="Second").status_code == 200
    assert LiveSession.objects.get().cancel_message == "First"


@pytest.mark.parametrize(
    ("message", "code"), [("x" * 501, "max_length"), (5, "invalid"), (None, "null"), ("\u202eback", "bidi_override")]
)
def test_other_messages_are_refused(cancel, message, code):
    assert verdict(cancel(message=message)) == invalid("message", code)
    assert LiveSession.objects.get().status == "SCHEDULED"


def test_people_of_the_class_get_it_by_mail(cancel, alice, bob, algebra, join, lesson, sent_mail):
    join(algebra, bob)
    sent_mail()
    cancel(message=WHY)
    [letter] = [letter for letter in sent_mail() if letter.subject.startswith("Lesson cancelled")]
    assert (letter.to, f" – {' '.join(WHY.split())}\n" in letter.body) == ([bob.email], True)


def test_the_pages_of_the_lesson_and_its_lobby_show_it(client, settings, alice, lesson):
    settings.BOARD_URL = "http://testserver"
    lesson.cancel(Actor(alice), "<b>Ill</b>")
    lobby = client.get(f"/join?id={lesson.pk}").content.decode()
    client.force_login(alice)
    page = client.get(f"/api/v1/sessions/{lesson.pk}", headers=HTML).content.decode()
    assert [text.count("&lt;b&gt;Ill&lt;/b&gt;") for text in (lobby, page)] == [1, 1]


def test_a_teacher_writes_it_on_the_page(client, alice, lesson):
    client.force_login(alice)
    address = f"/api/v1/sessions/{lesson.pk}"
    assert '<textarea name="message"' in client.get(address, headers=HTML).content.decode()
    page = client.post(f"{address}/cancel", {"message": "Ill"}, headers=HTML)
    assert (page.status_code, b"Lesson cancelled." in page.content) == (200, True)
    assert LiveSession.objects.get().cancel_message == "Ill"


def test_a_message_that_is_too_long_is_kept_on_the_page(client, alice, lesson):
    client.force_login(alice)
    page = client.post(f"/api/v1/sessions/{lesson.pk}/cancel", {"message": "x" * 501}, headers=HTML)
    assert (page.status_code, "x" * 501 in page.content.decode()) == (400, True)
