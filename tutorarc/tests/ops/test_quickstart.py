import json
import logging
import os
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apikeys.models import ApiKey
from classes.models import Class
from sessions.examples import NEW_SESSION
from tutorarc.domain.events import SYSTEM
from tutorarc.management.commands import quickstart as module
from tutorarc.models import SecurityEvent, User
from tutorarc.ops.demo import quickstart as demo
from tutorarc.testing.client import Client

NEW_CLASS = {"title": "Algorithms 101", "description": "An introduction to algorithms and data structures."}


def quickstart(*words: str) -> str:
    out = StringIO()
    call_command("quickstart", "--no-serve", *words, stdout=out)
    return out.getvalue()


def keys_in(text: str) -> set[str]:
    return set(re.findall("ta_live_[a-z2-7]{32}[0-9a-f]{8}", text))


def curls_in(text: str) -> list[str]:
    """The printed curl commands, as a person would copy them."""
    return re.findall(r"^ *(curl (?:.*\\\n)*.*)$", text, re.MULTILINE)


# What it makes


@pytest.mark.django_db(transaction=True)
def test_it_stores_security_events_without_printing_them(caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    quickstart()
    assert SecurityEvent.objects.filter(kind="api_key.made").count() == 2
    assert [record for record in caplog.records if record.name == "tutorarc.security"] == []
    quickstarted = User.objects.get(email=demo.TEACHER)
    ApiKey.objects.issue(quickstarted, SYSTEM)
    assert [record.name for record in caplog.records] == ["tutorarc.security"]


@pytest.mark.django_db
def test_the_printed_password_signs_in() -> None:
    text = quickstart()
    password = text.partition("Sign in with the password ")[2].split()[0]
    people = re.findall(r"(\w+@example\.org) ", text)
    assert people == ["teacher@example.org", "student@example.org", "admin@example.org"]
    assert [Client().login(email=email, password=password) for email in people] == [True] * 3


@pytest.mark.django_db
def test_the_printed_key_is_the_teachers_and_ends_in_30_days() -> None:
    [plaintext] = keys_in(quickstart())
    key = ApiKey.objects.find(plaintext)
    assert key is not None
    assert (key.owner.email, key.name) == ("teacher@example.org", "Quickstart")
    assert key.expires_at is not None
    assert timedelta(days=29, hours=23) < key.expires_at - timezone.now() <= timedelta(days=30)


@pytest.mark.django_db
def test_prints_the_addresses_with_the_port() -> None:
    addresses = re.findall(r"^    (http://\S+)", quickstart("--port", "8123"), re.MULTILINE)
    home = "http://127.0.0.1:8123"
    assert addresses == [f"{home}/", f"{home}/api/docs", f"{home}/api/v1/classes", f"{home}/admin/"]


@pytest.mark.django_db
def test_the_printed_session_is_the_published_one_and_begins_within_the_hour(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 5, 4, 23, 20, tzinfo=UTC), tick=False)
    bodies = [json.loads(curl.partition("-d '")[2].removesuffix("'")) for curl in curls_in(quickstart())]
    assert bodies == [NEW_CLASS, NEW_SESSION | {"startTime": "2026-05-05T00:00:00Z"}]


@pytest.mark.django_db
def test_a_second_run_creates_a_new_key_and_nothing_else(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 5, 4, 23, 20, tzinfo=UTC), tick=False)
    first, second = quickstart(), quickstart()
    assert (User.objects.count(), Class.objects.count(), ApiKey.objects.count()) == (28, 5, 3)
    assert re.sub(r"ta_live_\w+", "KEY", first) == re.sub(r"ta_live_\w+", "KEY", second)


@pytest.mark.django_db
def test_it_creates_nothing_in_a_database_with_other_people(bob: Any) -> None:
    text = quickstart()
    assert (User.objects.count(), Class.objects.count(), ApiKey.objects.count()) == (1, 0, 0)
    assert keys_in(text) == set()
    assert re.findall("none who signs in|Sign in with", text) == ["none who signs in"]


@pytest.mark.django_db
def test_a_teacher_with_another_password_gets_no_key() -> None:
    User.objects.create_user(demo.TEACHER, "of-their-own-31", display_name="T", global_role="TEACHER")
    assert keys_in(quickstart()) == set()
    assert ApiKey.objects.count() == 0


@pytest.mark.django_db
def test_only_working_sign_ins_are_printed() -> None:
    quickstart()
    User.objects.get(email=demo.ADMIN).change_password(SYSTEM, "of-their-own-31")
    assert re.findall(r"(\w+@example\.org) ", quickstart()) == ["teacher@example.org", "student@example.org"]


# What it refuses


def refusal(*words: str) -> str:
    with pytest.raises(CommandError) as caught:
        call_command("quickstart", *words, stdout=StringIO())
    return str(caught.value)


def test_a_port_in_use_is_refused_before_anything_else() -> None:
    """It is also checked before the database is used: this test has none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert refusal("--port", str(port)) == f"Port {port} is in use. Choose another with --port."


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_a_malformed_port_is_refused(port: str) -> None:
    assert refusal("--port", port) == f"--port must be from 1 to 65535, not {port}."


@pytest.mark.django_db
def test_allowed_with_insecure_http(settings: Any) -> None:
    settings.DEBUG, settings.INSECURE_HTTP = False, True
    assert len(keys_in(quickstart())) == 1


@pytest.fixture(autouse=True)
def _as_on_a_developers_machine(settings: Any) -> None:
    settings.DEBUG = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a fast one


# What it becomes


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """`become(NAME=value)`: the environment of the server that the command turns into."""

    def run(**given: str) -> dict[str, str]:
        environment = {**os.environ, **given}
        monkeypatch.setattr(os, "environ", environment)
        monkeypatch.setattr(os, "execv", lambda *command: None)
        monkeypatch.setattr(module, "_start_worker", lambda: None)
        monkeypatch.setattr(module.connections, "close_all", lambda: None)
        monkeypatch.setattr(module, "_refuse_busy_port", lambda port: None)
        call_command("quickstart", "--port", "8124", stdout=StringIO())
        return environment

    return run


@pytest.mark.django_db
def test_links_point_to_this_server(become: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TUTORARC_BOARD_URL", raising=False)
    assert become()["TUTORARC_BOARD_URL"] == "http://127.0.0.1:8124"


@pytest.mark.django_db
def test_links_point_to_a_board_that_is_set(become: Callable[..., dict[str, str]]) -> None:
    chosen = "https://board.example.org"
    assert become(TUTORARC_BOARD_URL=chosen)["TUTORARC_BOARD_URL"] == chosen
