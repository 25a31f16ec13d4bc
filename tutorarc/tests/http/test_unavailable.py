"""While the database is down, pages, admin site and API answer 503 with Retry-After, never 500."""

import logging

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, InternalError, OperationalError, ProgrammingError, connection
from django.test import Client
from django.views.debug import ExceptionReporter

from tutorarc.db.outage import is_outage
from tutorarc.http import unavailable
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.http.summary_log import SummaryLog

PAGES = ["/", "/developers/keys", "/admin/", "/admin/tutorarc/user/"]
OUTAGES = [OperationalError("server closed the connection"), InterfaceError("connection already closed")]


@pytest.fixture
def away(db):
    """`away(error)`: from now on every statement fails with it."""

    with pytest.MonkeyPatch.context() as patch:

        def go(error):
            def fail(*args, **options):
                raise error

            patch.setattr(connection, "cursor", fail)

        yield go


@pytest.fixture
def error_lines(monkeypatch, caplog):
    """`error_lines()`: what was logged but for the access log: logger, message, number of times, whether traced."""
    monkeypatch.setattr(unavailable, "outages", SummaryLog(logging.getLogger("tutorarc.errors"), logging.ERROR))

    def collect():
        return [
            (record.name, record.getMessage(), getattr(record, "context", {}).get("times"), bool(record.exc_info))
            for record in caplog.records
            if record.name != "tutorarc.access"
        ]

    return collect


@pytest.fixture
def visitor(root):
    client = Client(raise_request_exception=False)
    client.force_login(root)
    return client


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("error", OUTAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_to_try_again_soon(visitor, away, settings, path, error, debug):
    settings.DEBUG = debug
    away(error)
    response = visitor.get(path)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert b"Back in a moment" in response.content


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_no_debug_page_is_made(visitor, away, settings, monkeypatch, accept):
    settings.DEBUG = True
    monkeypatch.setattr(ExceptionReporter, "get_traceback_data", lambda self: 1 / 0)
    away(OUTAGES[0])
    assert visitor.get("/admin/", headers={"Accept": accept}).status_code == 503


@pytest.mark.parametrize("debug", [False, True])
def test_the_api_answers_in_its_error_format(visitor, away, settings, debug):
    settings.DEBUG = debug
    away(OUTAGES[0])
    response = visitor.get("/api/v1/classes", headers={"Accept": "application/json"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["error"]["reason"] == "database_unavailable"


@pytest.mark.parametrize("debug", [False, True])
def test_a_page_of_the_api_answers_in_html(visitor, away, settings, debug):
    settings.DEBUG = debug
    away(OUTAGES[0])
    response = visitor.get("/api/v1/classes", headers={"Accept": "text/html"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert b"The database is away or too busy right now. Try again in a moment." in response.content


@pytest.mark.parametrize("debug", [False, True])
def test_a_sign_in_that_cannot_be_stored_is_503_too(db, make_user, monkeypatch, settings, debug):
    """The session is saved by a middleware, after the view."""
    settings.DEBUG = debug
    make_user("Erin", password="correct-horse-battery")

    def fail(*args, **options):
        raise OUTAGES[0]

    monkeypatch.setattr(SessionStore, "save", fail)
    fields = {"username": "erin@example.org", "password": "correct-horse-battery"}
    response = Client(raise_request_exception=False).post("/accounts/login/", fields)
    assert (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"Accept": "text/html"}], ids=["JSON", "HTML"])
@pytest.mark.parametrize("path", ["/", "/api/v1/classes"])
def test_an_outage_is_one_line_a_second_without_a_traceback(visitor, away, error_lines, path, headers):
    away(OperationalError("connection failed: refused\n\tIs the server running?"))
    assert [visitor.get(path, headers=headers).status_code for _ in range(3)] == [503] * 3
    message = f"The database is unavailable: OperationalError: connection failed: refused, at {path}"
    assert error_lines() == [("tutorarc.errors", message, 1, False)]


def test_so_is_an_outage_in_a_middleware(db, make_user, monkeypatch, error_lines):
    make_user("Erin", password="correct-horse-battery")

    def fail(*args, **options):
        raise OUTAGES[0]

    monkeypatch.setattr(SessionStore, "save", fail)
    fields = {"username": "erin@example.org", "password": "correct-horse-battery"}
    assert Client(raise_request_exception=False).post("/accounts/login/", fields).status_code == 503
    message = "The database is unavailable: OperationalError: server closed the connection, at /accounts/login/"
    assert error_lines() == [("tutorarc.errors", message, 1, False)]


@pytest.mark.parametrize(
    ("path", "logger", "message"),
    [
        ("/", "django.request", "Internal Server Error: /"),
        ("/api/v1/classes", "tutorarc.errors", "ProgrammingError: " + ErrorReason.INTERNAL_ERROR.message),
    ],
)
def test_another_error_is_one_line_with_a_traceback(visitor, away, error_lines, path, logger, message):
    away(ProgrammingError("no such column"))
    assert visitor.get(path).status_code == 500
    assert error_lines() == [(logger, message, None, True)]


@pytest.mark.parametrize("error", [ProgrammingError("no such column"), InternalError("cache look-up failed")])
@pytest.mark.parametrize("path", ["/", "/api/v1/classes"])
def test_an_error_of_our_own_stays_500(visitor, away, path, error):
    away(error)
    assert visitor.get(path).status_code == 500


@pytest.mark.parametrize(
    "cause",
    [
        psycopg.errors.QueryCanceled(),
        psycopg.errors.LockNotAvailable(),
        psycopg.errors.DeadlockDetected(),
        psycopg.errors.AdminShutdown(),
        psycopg.errors.CannotConnectNow(),
        psycopg.errors.TooManyConnections(),
        psycopg.errors.ReadOnlySqlTransaction(),
        psycopg.errors.IdleInTransactionSessionTimeout(),
        psycopg.errors.UndefinedColumn(),
        psycopg.errors.UndefinedTable(),
        psycopg.errors.UndefinedFunction(),
        psycopg.errors.DatatypeMismatch(),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_temporary_database_errors_are_an_outage(cause):
    kind = next(
        kind
        for kind in (OperationalError, InternalError, ProgrammingError)
        if isinstance(cause, getattr(psycopg, kind.__name__))
    )
    error = kind()
    error.__cause__ = cause
    assert is_outage(error)
