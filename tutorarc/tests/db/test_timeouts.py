"""Limits on the time that a request may keep the database busy. Commands have none."""

import math
import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.db import connection

from tutorarc.db.timeouts import limit_requests

POSTGRESQL = "tutorarc.db.postgres"
SQLITE = "tutorarc.db.sqlite"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.STATEMENT_TIMEOUT, settings.LOCK_TIMEOUT = 7, 4


def options(engine, **given):
    database = {"ENGINE": engine, "OPTIONS": given}
    limit_requests(database)
    return database["OPTIONS"]


OURS = "-c statement_timeout=7s -c lock_timeout=4s -c idle_in_transaction_session_timeout=30s"


def test_postgresql_gets_the_limits_with_each_connection():
    expected = {"connect_timeout": 2, "options": OURS, "answer_timeout": 12}
    assert options(POSTGRESQL, connect_timeout=2) == expected


def test_limits_in_the_database_url_take_precedence():
    given = "-c statement_timeout=1min"
    assert options(POSTGRESQL, options=given) == {"options": f"{OURS} {given}", "answer_timeout": math.inf}


def test_no_statement_timeout_means_no_answer_timeout(settings):
    settings.STATEMENT_TIMEOUT = 0
    assert options(POSTGRESQL)["answer_timeout"] == math.inf


def test_pgbouncer_gets_no_limits(settings):
    settings.TRANSACTION_POOLING = True
    assert options(POSTGRESQL, connect_timeout=2) == {"connect_timeout": 2, "answer_timeout": 12}


def test_sqlite_waits_for_its_lock_as_long_as_the_limit():
    assert options(SQLITE, timeout=20) == {"timeout": 4}


def test_sqlite_keeps_its_own_timeout_without_a_limit(settings):
    settings.LOCK_TIMEOUT = 0
    assert options(SQLITE, timeout=20) == {"timeout": 20}


ASK = """
import django
{first}
django.setup()
from django.conf import settings
print(settings.DATABASES["default"]["OPTIONS"].get("{name}"))
"""


@pytest.mark.parametrize(("first", "is_limited"), [("import tutorarc.wsgi", True), ("", False)])
def test_the_server_is_limited_and_commands_are_not(first, is_limited):
    name, without_limit, with_limit = (
        ("options", "None", OURS) if connection.vendor == "postgresql" else ("timeout", "20", "4")
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tutorarc.settings", "TUTORARC_STATEMENT_TIMEOUT": "7"}
    shown = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ASK.format(first=first, name=name)],
        cwd=project.BASE_DIR,
        env={**os.environ, **environment, "TUTORARC_LOCK_TIMEOUT": "4"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip() == (with_limit if is_limited else without_limit)


POOLED = """
from tutorarc.settings import DATABASES
database = DATABASES["default"]
print(database["OPTIONS"]["prepare_threshold"], database["DISABLE_SERVER_SIDE_CURSORS"])
"""


@pytest.mark.parametrize(("pooling", "shown"), [("true", "None True"), ("false", "1 False")])
def test_behind_pgbouncer_nothing_is_prepared_or_kept_open_between_transactions(pooling, shown):
    given = {"DATABASE_URL": "postgresql://someone@host/name", "TUTORARC_TRANSACTION_POOLING": pooling}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", POOLED],
        cwd=project.BASE_DIR,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == shown
