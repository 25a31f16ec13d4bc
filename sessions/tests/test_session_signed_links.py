"""`signedLinks` of a new live session: its teacher links have a token, also where the setting adds none."""

import pytest
from django.test import Client

from sessions.models import LiveSession
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import Actor
from tutorarc.testing.client import invalid, verdict
from tutorarc.testing.events import events_of

SIGNED = SESSION_BODY | {"signedLinks": True}
SERIES = SIGNED | {"recurrence": "FREQ=WEEKLY;COUNT=2", "timeZone": "Europe/Berlin"}


@pytest.fixture(autouse=True)
def _board_is_here(settings, half_past_nine):
    settings.BOARD_URL = "http://testserver"


def opens(link):
    """Whether the link lets in somebody who is not signed in: otherwise the page asks for a sign-in."""
    return {200: True, 302: False}[Client().get(link).status_code]


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_the_teacher_link_opens_without_a_sign_in(api, alice, path):
    data = api(alice).post(path, SIGNED).json()["data"]
    made = LiveSession.objects.get()
    assert (data["teacherLink"], "token=" in data["teacherLink"]) == (made.teacher_link, True)
    assert opens(data["teacherLink"])
    assert "token=" not in str(events_of(made)[0].data)


def test_the_answer_has_the_fields_of_every_session(api, alice):
    plain, signed = (api(alice).post("/sessions", body).json()["data"] for body in (SESSION_BODY, SIGNED))
    assert list(plain) == list(signed)


@pytest.mark.parametrize("body", [SESSION_BODY, SIGNED | {"signedLinks": False}])
def test_without_it_the_link_asks_for_a_sign_in(api, alice, body):
    link = api(alice).post("/sessions", body).json()["data"]["teacherLink"]
    assert ("token=" in link, opens(link)) == (False, False)


def test_the_setting_adds_tokens_to_all(api, alice, settings):
    settings.SIGNED_TEACHER_LINKS = True
    assert opens(api(alice).post("/sessions", SIGNED | {"signedLinks": False}).json()["data"]["teacherLink"])


def test_the_token_of_another_session_opens_nothing(api, alice):
    signed, other = (api(alice).post("/sessions", SIGNED).json()["data"]["teacherLink"] for _ in range(2))
    plain = api(alice).post("/sessions", SESSION_BODY).json()["data"]["teacherLink"]
    token = signed.partition("&token=")[2]
    unsigned = LiveSession.objects.get(signed_links=False)
    assert not opens(f"{other.partition('&token=')[0]}&token={token}")
    assert not opens(f"{plain}&token={token}")
    LiveSession.objects.filter(pk=unsigned.pk).update(signed_links=True)
    own = LiveSession.objects.get(pk=unsigned.pk).teacher_link
    LiveSession.objects.filter(pk=unsigned.pk).update(signed_links=False)
    assert not opens(own)


def test_each_session_of_a_series_has_a_token_of_its_own(api, alice):
    links = [one["teacherLink"] for one in api(alice).post("/sessions", SERIES).json()["data"]["sessions"]]
    assert (len(set(links)), [opens(link) for link in links]) == (2, [True, True])


def test_a_renewal_ends_the_token(api, alice):
    link = api(alice).post("/sessions", SIGNED).json()["data"]["teacherLink"]
    renewed = LiveSession.objects.get().renew_links(Actor(alice))
    assert (opens(link), opens(renewed.teacher_link)) == (False, True)


def test_a_key_that_only_reads_and_a_student_get_no_token(api, alice, bob, algebra, join):
    join(algebra, bob)
    made = api(alice).post("/sessions", SIGNED | {"classId": algebra.pk}).json()["data"]
    path, plain = f"/sessions/{made['sessionId']}", made["teacherLink"].partition("&token=")[0]
    assert api(alice, scopes=["sessions:read"]).get(path).json()["data"]["teacherLink"] == plain
    assert api(bob).get(path).json()["data"]["teacherLink"] is None


@pytest.mark.parametrize("value", ["true", 1, None])
def test_it_is_a_boolean(api, alice, value):
    assert verdict(api(alice).post("/sessions", SIGNED | {"signedLinks": value}))[:2] == (400, "invalid_fields")


def test_it_can_not_be_changed_and_makes_no_class_a_session(api, alice):
    made = api(alice).post("/sessions", SIGNED).json()["data"]["sessionId"]
    assert verdict(api(alice).patch(f"/sessions/{made}", {"signedLinks": False})) == invalid(
        "signedLinks", "unknown_field"
    )
    assert verdict(api(alice).post("/classes", {"title": "Algebra", "signedLinks": True})) == invalid(
        "signedLinks", "unknown_field"
    )
