"""A key is shown once to its creator, and is in no dump, no SQL statement and no log."""

import io
import logging

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apikeys import secrets
from apikeys.models import ApiKey, ApiKeyQuerySet
from apikeys.refusal_log import LOG
from sessions.tests.expected import SESSION_BODY
from tutorarc.domain.events import SYSTEM
from tutorarc.http.json_logs import JsonFormatter
from tutorarc.testing.client import Client

KEY = {"Idempotency-Key": "one-key"}
LOGGERS = ["", "tutorarc", "tutorarc.access", "django", "django.request", "django.server", "django.security"]


@pytest.fixture
def traces(db, caplog, capfd):
    """`traces()`: all that was left in the database, sent to it, logged or printed, as one text."""
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, logger=name)

    with CaptureQueriesContext(connection) as queries:

        def collect():
            LOG.flush()
            statements = [query["sql"] for query in queries.captured_queries]
            dump = io.StringIO()
            call_command("dumpdata", stdout=dump)
            logged = [JsonFormatter().format(record) for record in caplog.records]
            return "\n".join([dump.getvalue(), *statements, *logged, caplog.text, *capfd.readouterr()])

        yield collect


def secret_part(plaintext):
    """The secret part of a key: without the characters of its hint."""
    return plaintext[12:-4]


def assert_hidden(plaintext, text):
    assert secret_part(plaintext) not in text


def test_a_stored_secret_would_be_found(traces, alice):
    plaintext = secrets.new_key()
    ApiKey.objects.issue(alice, SYSTEM, name=plaintext)
    assert traces().count(secret_part(plaintext)) > 2


def test_a_logged_secret_would_be_found(traces):
    plaintext = secrets.new_key()
    logging.getLogger("tutorarc").info("A key: %s", plaintext)
    assert secret_part(plaintext) in traces()


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without", "with an Idempotency-Key"])
def test_creating_a_key_leaves_no_trace_of_it(traces, signed_in, alice, headers):
    client = signed_in(alice)
    plaintext = client.post("/api-keys", {"name": "Mine"}, headers=headers).json()["key"]
    client.post("/api-keys", {"name": "Mine"}, headers=headers)
    assert_hidden(plaintext, traces())


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without", "with an Idempotency-Key"])
def test_rotating_a_key_leaves_no_trace_of_either(traces, signed_in, alice, headers):
    key, old = ApiKey.objects.issue(alice, SYSTEM)
    fresh = signed_in(alice).post(f"/api-keys/{key.pk}/rotate", headers=headers).json()["key"]
    text = traces()
    assert_hidden(old, text)
    assert_hidden(fresh, text)


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without", "with an Idempotency-Key"])
def test_using_a_key_leaves_no_trace_of_it(traces, alice, headers):
    _, plaintext = ApiKey.objects.issue(alice, SYSTEM)
    client = Client(headers={"X-API-Key": plaintext})
    requests = [
        client.post("/classes", SESSION_BODY, headers=headers),
        client.post("/classes", {"title": 7}, headers=headers),
        client.get("/sessions"),
        client.get("/nowhere"),
        client.delete("/api-keys/key_123"),
    ]
    assert [response.status_code for response in requests][2:] == [200, 404, 403]
    assert_hidden(plaintext, traces())


@pytest.mark.parametrize(
    "send",
    [
        lambda key: {"headers": {"X-API-Key": key}},
        lambda key: {"headers": {"X-API-Key": key[:-1] + "z"}},
        lambda key: {"headers": {"X-API-Key": f"{key} {key}"}},
        lambda key: {"headers": {"X-API-Key": key, **KEY}},
        lambda key: {"headers": {"Authorization": f"Bearer {key}"}},
        lambda key: {"headers": {"Authorization": f"ApiKey {key}"}},
        lambda key: {"query_params": {"api_key": key}},
    ],
    ids=[
        "unknown",
        "mistyped",
        "twice",
        "with an Idempotency-Key",
        "Bearer",
        "ApiKey",
        "in the address",
    ],
)
def test_a_wrong_key_leaves_no_trace_of_it(traces, send):
    plaintext = secrets.new_key()
    assert Client().post("/classes", SESSION_BODY, **send(plaintext)).status_code == 401
    assert_hidden(plaintext, traces())


def test_a_key_sent_as_a_query_parameter_beside_a_valid_one_is_not_logged(traces, api, alice):
    plaintext = secrets.new_key()
    assert api(alice).get("/classes", {"api_key": plaintext}).status_code == 400
    assert_hidden(plaintext, traces())


@pytest.mark.parametrize("headers", [{}, KEY], ids=["without", "with an Idempotency-Key"])
def test_an_error_while_creating_a_key_leaves_no_trace_of_it(traces, signed_in, alice, monkeypatch, headers):
    issue, issued = ApiKeyQuerySet.issue, []

    def fail_when_done(*args, **options):
        issued.append(issue(*args, **options)[1])
        raise RuntimeError("boom")

    monkeypatch.setattr(ApiKeyQuerySet, "issue", fail_when_done)
    assert signed_in(alice).post("/api-keys", {"name": "Mine"}, headers=headers).status_code == 500
    text = traces()
    assert "RuntimeError: boom" in text
    assert_hidden(issued[0], text)


@pytest.mark.parametrize("host", ["testserver", "elsewhere.example"])
def test_a_link_that_sets_a_password_is_cut_in_every_log_line(traces, bob, monkeypatch, host):
    """Also after an error, for a refused host and without the final slash, which Django logs itself."""
    path = bob.make_password_link(SYSTEM)
    token = path.rstrip("/").rpartition("/")[2]
    monkeypatch.setattr("tutorarc.site.accounts.forms.LinkForm._get_user", lambda *args: 1 / 0)
    client = Client(raise_request_exception=False)
    answers = [
        client.get(address, headers={"Host": host}) for address in (f"http://{host}{path}", f"http://{host}{path[:-1]}")
    ]
    assert answers[0].status_code in (400, 500)
    lines = [line for line in traces().splitlines() if "/accounts/link/" in line and line.startswith("{")]
    assert lines
    assert [line for line in lines if token in line] == []
