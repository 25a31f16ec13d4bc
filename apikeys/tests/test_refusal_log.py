"""Refused calls are noted for the owner of their key, without a statement and without a secret."""

from unittest.mock import Mock

import pytest
from django.db import OperationalError
from django.middleware.gzip import GZipMiddleware

from apikeys import refusal_log, refused_calls, secrets
from apikeys.models import ApiKey, RefusedCall
from apikeys.refusal_log import LOG, RefusalLog
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.refusals import call_refused, report_early
from tutorarc.testing.client import Client


def short(calls):
    return [(call.status, call.reason) for call in calls]


def test_a_refused_call_is_noted_with_all_that_explains_it(logged, key_of, alice):
    key, client = key_of(alice)
    answer = client.post("/classes?dry=1", {"titel": "Algebra", "description": 7}, headers={"X-Request-ID": "mine-1"})
    [call] = logged()
    assert (call.api_key, call.owner, call.method) == (key, alice, "POST")
    assert (call.path, call.route) == ("/api/v1/classes", "/api/v1/classes")
    assert (call.status, call.reason) == (400, answer.json()["error"]["reason"])
    assert call.message == answer.json()["error"]["message"]
    assert call.fields == [
        {"field": detail["field"], "code": detail["code"]} for detail in answer.json()["error"]["details"]
    ]
    assert call.fields
    assert call.request_id == "mine-1"


def test_a_path_with_an_id_is_noted_with_its_route(logged, key_of, alice, algebra):
    key_of(alice, scopes=["members:read"])[1].get(f"/classes/{algebra.pk}?expand=user")
    [call] = logged()
    assert (call.path, call.route) == (f"/api/v1/classes/{algebra.pk}", "/api/v1/classes/{class_id}")
    assert short([call]) == [(403, "missing_scope")]


def test_a_call_that_succeeds_or_has_no_key_is_not_noted(logged, key_of, alice, browser_client):
    key_of(alice)[1].get("/classes")
    browser_client(alice).get("/nothing")
    Client().get("/classes")
    assert logged() == []


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        (lambda client: client.get("/nothing"), (404, "unknown_path")),
        (lambda client: client.delete("/me"), (405, "method_not_allowed")),
        (lambda client: client.get("/classes", headers={"Accept": "text/csv"}), (406, "not_acceptable")),
        (
            lambda client: client.get("/classes", headers={"Accept": "text/html"}, query_params={"x": 1}),
            (400, "unknown_parameter"),
        ),
        (lambda client: client.post("/classes", "x" * 1_048_577), (413, "body_too_large")),
        (lambda client: client.post("/classes", "a=b", "text/plain"), (415, "unsupported_media_type")),
        (lambda client: client.get("http://testserver/classes"), (404, "unknown_path")),
        (
            lambda client: client.get("http://testserver/accounts/logout/", headers={"Accept": "text/html"}),
            (405, "method_not_allowed"),
        ),
    ],
)
def test_every_kind_of_refusal_is_noted(logged, key_of, alice, send, expected):
    status = send(key_of(alice)[1]).status_code
    assert (status, short(logged())) == (expected[0], [expected])


def test_a_compressed_answer_is_noted(logged, key_of, alice, monkeypatch):
    """Answers to calls with a cookie are compressed, if that makes them shorter."""
    monkeypatch.setattr(GZipMiddleware, "max_random_bytes", 0)
    headers = {"Accept-Encoding": "gzip", "Cookie": "theme=dark", "X-Request-ID": "a" * 64}
    answer = key_of(alice)[1].get("/classes/0.5/members", headers=headers)
    assert (answer["Content-Encoding"], short(logged())) == ("gzip", [(404, "unknown_path")])


def test_an_error_of_the_server_is_noted(logged, key_of, alice, monkeypatch):
    _, client = key_of(alice)
    client.raise_request_exception = False
    monkeypatch.setattr("tutorarc.api.views.MeViewSet.answer", lambda *args: 1 / 0)
    client.get("/me")
    assert short(logged()) == [(500, "internal_error")]


def test_a_throttled_call_is_noted(logged, key_of, alice, settings):
    settings.RATE_LIMIT = 1
    _, client = key_of(alice)
    for _ in range(2):
        client.get("/me")
    assert short(logged()) == [(429, "rate_limited")]


def test_a_call_that_django_never_saw_is_noted(logged, alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM)
    environ = {"HTTP_X_API_KEY": secret, "REQUEST_METHOD": "GET", "PATH_INFO": "/api/v1/classes"}
    report_early(environ, 503, ErrorReason.OVERLOADED)
    [call] = logged()
    assert (call.api_key, call.path, call.status, call.reason) == (key, "/api/v1/classes", 503, "overloaded")


def test_calls_with_a_revoked_key_are_noted_for_its_owner(logged, key_of, alice):
    key, client = key_of(alice)
    key.revoke(Actor(alice))
    client.get("/classes")
    [call] = logged()
    assert (call.api_key, short([call])) == (key, [(401, "unknown_key")])


@pytest.mark.parametrize("secret", [secrets.new_key(), "ta_live_cut", "", "x"], ids=["unknown", "cut off", "none", "x"])
def test_a_key_of_nobody_is_noted_nowhere(logged, db, secret):
    Client().get("/classes", headers={"X-API-Key": secret})
    assert logged() == []


def test_a_refused_call_makes_no_statement_more(logged, key_of, alice, django_assert_num_queries):
    _, client = key_of(alice)
    with django_assert_num_queries(1):  # the key
        client.get("/classes?x=1")


@pytest.mark.parametrize("number", [1, 5])
def test_writing_takes_three_statements_and_nothing_takes_none(
    logged, key_of, alice, number, django_assert_num_queries
):
    clients = [key_of(alice)[1] for _ in range(number)]
    for client in clients:
        client.get("/classes?x=1")
    with django_assert_num_queries(3):  # their keys, the rows, the oldest ones
        LOG.flush()
    with django_assert_num_queries(0):  # nothing is left
        LOG.flush()
    assert RefusedCall.objects.count() == number


def test_unknown_keys_cost_one_statement(logged, db, django_assert_num_queries):
    for _ in range(5):
        Client().get("/classes", headers={"X-API-Key": secrets.new_key()})
    with django_assert_num_queries(1):
        LOG.flush()


# Limits


def test_a_few_calls_of_each_key_are_noted_in_an_interval(logged, key_of, alice, bob, monkeypatch):
    monkeypatch.setattr(refusal_log, "MAX_OF_A_KEY", 3)
    (first, client), (second, other) = key_of(alice), key_of(bob)
    for _ in range(5):
        client.get("/classes?x=1")
    other.get("/classes?x=1")
    assert [call.api_key for call in logged()] == [first, first, first, second]
    client.get("/classes?x=1")
    assert len(logged()) == 5


def test_unusable_keys_hide_no_calls_of_others(logged, key_of, alice, monkeypatch):
    monkeypatch.setattr(LOG, "_of_other_keys", refusal_log.Waiting(limit=2))
    revoked, client = key_of(alice)
    revoked.revoke(Actor(alice))
    for _ in range(2):
        Client().get("/classes", headers={"X-API-Key": secrets.new_key()})
    client.get("/classes")
    valid, client = key_of(alice)
    client.get("/classes?x=1")
    assert [call.api_key for call in logged()] == [valid]


def test_the_number_of_waiting_calls_is_limited(logged, key_of, alice, bob, monkeypatch):
    monkeypatch.setattr(LOG, "_of_valid_keys", refusal_log.Waiting(limit=2))
    for user in (alice, bob, alice):
        key_of(user)[1].get("/classes?x=1")
    assert [call.owner for call in logged()] == [alice, bob]


def test_of_each_key_the_newest_calls_are_kept(logged, key_of, alice, bob, monkeypatch):
    monkeypatch.setattr(refused_calls, "MAX_OF_EACH_KEY", 2)
    (first, client), (second, other) = key_of(alice), key_of(bob)
    other.get("/classes?x=1")
    logged()
    for number in range(3):
        client.get("/classes?x=1", headers={"X-Request-ID": f"call-{number}"})
    calls = logged()
    assert [(call.api_key, call.request_id) for call in calls[1:]] == [(first, "call-1"), (first, "call-2")]
    assert calls[0].api_key == second


# Secrets

CODE = "ALGO-7P4X"
SECRET = secrets.new_key()
SIGNED = "1u9hKp:" + "aB3" * 15
LINK = "ABCDEFGH-" + "0123456789abcdef" * 2
WEBHOOK = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDazfLUR3/+4k="
SECRETS = [SECRET, SECRET[:-1] + "z", SECRET[:34], SECRET.upper(), CODE, CODE.lower(), SIGNED, LINK, WEBHOOK]


@pytest.mark.parametrize(
    "send",
    [
        lambda client, secret: client.get(f"/classes/{secret}"),
        lambda client, secret: client.get(f"/{secret}"),
        lambda client, secret: client.get("/classes", {"search": secret, "x": 1}),
        lambda client, secret: client.get("/classes", {secret: 1}),
        lambda client, secret: client.post("/classes", {secret: 1, "title": "A"}),
        lambda client, secret: client.post("/classes", {"title": secret, "x": {secret: secret}}),
        lambda client, secret: client.post("/classes", secret),
        lambda client, secret: client.post("/classes", {}, secret),
        lambda client, secret: client.post("/join-requests", {"class_code": secret}),
        lambda client, secret: client.post("/classes", {}, headers={"Idempotency-Key": secret + "é"}),
        lambda client, secret: client.get("/classes?cursor=" + secret),
        lambda client, secret: client.get("/x", headers={"X-Request-ID": secret, "Authorization": f"Bearer {secret}"}),
    ],
)
def test_no_secret_that_was_sent_is_noted(logged, key_of, bob, send):
    _, client = key_of(bob)
    assert [secret for secret in SECRETS if send(client, secret).status_code < 400] == []
    assert len(logged()) == len(SECRETS)
    text = repr(list(RefusedCall.objects.values())).lower()
    assert [secret for secret in SECRETS if secret.lower() in text] == []
    assert SECRET[12:30] not in text


def test_the_key_itself_is_not_noted(logged, alice):
    key, secret = ApiKey.objects.issue(alice, SYSTEM)
    Client(headers={"X-API-Key": secret}).get(f"/classes/{secret}")
    [row] = [RefusedCall.objects.values().get(pk=call.pk) for call in logged()]
    assert (row["path"], row["api_key_id"]) == (f"/api/v1/classes/{secret[:12]}...", key.pk)
    assert secret[12:-4] not in repr(row)


@pytest.mark.parametrize(("name", "noted"), [("a\0b", "a�b"), ("x" * 500, "x" * 99 + "…")])
def test_what_a_database_cannot_store_is_noted_all_the_same(logged, key_of, alice, name, noted):
    key_of(alice)[1].post("/classes", {name: 1, "title": "A"})
    [call] = logged()
    assert call.fields == [{"field": noted, "code": "unknown_field"}]


# The thread of a server


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (OperationalError("away"), "Refused calls could not be logged: away"),
        (ValueError("x"), "Refused calls could not be logged."),
    ],
)
def test_an_error_ends_no_thread(monkeypatch, caplog, error, line):
    log, written = RefusalLog(), Mock(side_effect=error)
    monkeypatch.setattr(log, "flush", written)
    monkeypatch.setattr("apikeys.refusal_log.connection", Mock())
    log.flush_and_disconnect()
    assert (written.call_count, [record.getMessage() for record in caplog.records]) == (1, [line])


def test_a_receiver_that_fails_fails_no_request(logged, key_of, alice, monkeypatch):
    monkeypatch.setattr(LOG, "add", lambda refusal: 1 / 0)
    assert key_of(alice)[1].get("/classes?x=1").status_code == 400
    assert call_refused.receivers
