"""How long a request may keep the database busy, and that commands are not hurried."""

import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.db import connection

from tutorarc.db.timeouts import limit_requests

POSTGRESQL = "tutorarc.db.postgres"
SQLITE = "django.db.backends.sqlite3"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.STATEMENT_TIMEOUT, settings.LOCK_TIMEOUT = 7, 4


def options(engine, **given):
    database = {"ENGINE": engine, "OPTIONS": given}
    limit_requests(database)
    return database["OPTIONS"]


OURS = "-c statement_timeout=7s -c lock_timeout=4s -c idle_in_transaction_session_timeout=30s"


def test_postgresql_is_told_when_it_is_connected_to():
    assert options(POSTGRESQL, connect_timeout=2) == {"connect_timeout": 2, "options": OURS}


def test_what_the_address_says_comes_last_and_so_holds():
    said = "-c statement_timeout=1min"
    assert options(POSTGRESQL, options=said) == {"options": f"{OURS} {said}"}


def test_a_pooler_is_asked_for_none_as_it_would_refuse_the_connection(settings):
    settings.TRANSACTION_POOLING = True
    assert options(POSTGRESQL, connect_timeout=2) == {"connect_timeout": 2}


def test_sqlite_waits_for_its_one_lock_as_long():
    assert options(SQLITE, timeout=20) == {"timeout": 4}


def test_no_limit_leaves_sqlite_its_patience(settings):
    settings.LOCK_TIMEOUT = 0
    assert options(SQLITE, timeout=20) == {"timeout": 20}


ASK = """
import django
{first}
django.setup()
from django.conf import settings
print(settings.DATABASES["default"]["OPTIONS"].get("{name}"))
"""


@pytest.mark.parametrize(("first", "hurried"), [("import tutorarc.wsgi", True), ("", False)])
def test_only_who_serves_is_hurried_and_never_a_command(first, hurried):
    name, patient, impatient = (
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
    assert shown.stdout.strip() == (impatient if hurried else patient)


POOLED = """
from tutorarc.settings import DATABASES
database = DATABASES["default"]
print(database["OPTIONS"]["prepare_threshold"], database["DISABLE_SERVER_SIDE_CURSORS"])
"""


@pytest.mark.parametrize(("pooling", "shown"), [("true", "None True"), ("false", "1 False")])
def test_nothing_is_left_in_a_connection_that_the_next_transaction_may_not_get(pooling, shown):
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
