"""Fixtures of the test suite: people, clients and what they make.

Alice is a teacher and owns the class, Bob is a student, and Charlie is a student outside the class.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest


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
    """`api(user)`: a client with a key of that user's, or without credential: `api()`. Paths are below /api/v1.

    The key has no event, as the verb would write it.
    """
    from django.utils import timezone

    from apikeys import secrets
    from apikeys.models import ApiKey
    from tutorarc.testing.client import Client

    def client(user: Any = None, **options: Any) -> Any:
        if user is None:
            return Client()
        key = secrets.new_key()
        fields = {"name": "API key", "digest": secrets.digest(key), "hint": secrets.hint(key), **options}
        # Used a moment ago, so that counted queries don't hold the one write a minute.
        ApiKey.objects.bulk_create([ApiKey(owner=user, last_used_at=timezone.now(), **fields)])
        return Client(headers={"X-API-Key": key})

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


@pytest.fixture
def schedule_series(alice: Any) -> Callable[..., Any]:
    """`schedule_series(klass=algebra)`: the sessions of a new series, by default five Tuesdays at 16:00 in Berlin."""
    from sessions.models import Series
    from sessions.recurrence.occurrences import starts_of
    from sessions.recurrence.rules import parse
    from tutorarc.domain.events import Actor

    def make(by: Any = None, start: datetime = datetime(2036, 10, 14, 14, tzinfo=UTC), **fields: Any) -> Any:
        weekly = {"title": "Algebra", "rule": "FREQ=WEEKLY;COUNT=5", "time_zone": "Europe/Berlin", "duration": 60}
        values = {**weekly, "strict": True, "teacher_ref": "teacher_123", **fields}
        starts = starts_of(parse(str(values["rule"])), start, ZoneInfo(str(values["time_zone"])))
        return Series.objects.schedule(Actor(by or alice), starts=starts, **values)

    return make
