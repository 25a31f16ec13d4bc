"""`Location` of a 201: the address of what was created, also when the answer is repeated."""

import pytest

from apikeys.models import ApiKey
from classes.models import Class
from sessions.models import LiveSession

SESSION = {"title": "Calculus", "startTime": "2036-03-20T10:00:00Z", "duration": 60, "teacherId": "t1"}
HOST = "http://testserver/api/v1"


def test_a_class_is_found_there(api, alice):
    response = api(alice).post("/classes", {"title": "Algebra"})
    assert response["Location"] == f"{HOST}/classes/{Class.objects.get().pk}"
    assert api(alice).get(response["Location"].removeprefix(HOST)).json() == response.json()


def test_a_session_is_found_there(api, alice):
    response = api(alice).post("/sessions", SESSION)
    assert response["Location"] == f"{HOST}/sessions/{LiveSession.objects.get().pk}"
    assert api(alice).get(response["Location"].removeprefix(HOST)).json() == response.json()


def test_a_membership(api, admin, bob, charlie, algebra):
    members = f"{HOST}/classes/{algebra.pk}/members"
    body = {"class_code": algebra.class_code}
    enrolled = api(admin).post(f"/classes/{algebra.pk}/members", {"user_id": bob.pk, "role": "STUDENT"})
    requested = api(charlie).post("/join-requests", body)
    assert [enrolled["Location"], requested["Location"]] == [f"{members}/{bob.pk}", f"{members}/{charlie.pk}"]


def test_an_api_key(signed_in, alice):
    created = signed_in(alice).post("/api-keys", {"name": "Sync"})
    rotated = signed_in(alice).post(f"/api-keys/{created.json()['id']}/rotate", {})
    keys = ApiKey.objects.order_by("-id")[:2]
    assert [rotated["Location"], created["Location"]] == [f"{HOST}/api-keys/{key.pk}" for key in keys]


@pytest.mark.parametrize("path", ["/classes", "/sessions"])
def test_a_repeated_answer_has_it_too(api, alice, path):
    body = {"title": "Algebra"} if path == "/classes" else SESSION
    first, second = (api(alice).post(path, body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (second["Idempotency-Replayed"], second["Location"]) == ("true", first["Location"])


def test_it_is_at_the_public_address(api, alice, settings):
    settings.PUBLIC_URL = "https://school.example/tutoring"
    response = api(alice).post("/classes", {"title": "Algebra"}, headers={"Host": "testserver:8000"})
    assert response["Location"].startswith("https://school.example/tutoring/api/v1/classes/cls_")


def test_other_answers_have_none(api, alice, algebra):
    answers = [
        api(alice).post(f"/classes/{algebra.pk}/archive", {}),
        api(alice).post("/classes", SESSION),  # as published: 200
        api(alice).post("/classes", {}),
        api(alice).get("/classes"),
    ]
    assert [(answer.status_code, "Location" in answer) for answer in answers] == [
        (200, False),
        (200, False),
        (400, False),
        (200, False),
    ]
