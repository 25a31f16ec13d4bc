"""Files with secrets are readable by their owner alone: SQLite's, and mail that is written to files."""

import os
import stat

import pytest
from django.core.mail import EmailMessage, get_connection

from tutorarc.db.sqlite.base import DatabaseWrapper

SETTINGS = {
    "ENGINE": "tutorarc.db.sqlite",
    "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL;"},
    "TIME_ZONE": None,
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": False,
    "AUTOCOMMIT": True,
    "ATOMIC_REQUESTS": False,
}


@pytest.fixture(autouse=True)
def _loose_umask():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture
def connect(db, tmp_path):
    """`connect()` opens the database and writes to it. It is closed after the test."""
    opened = DatabaseWrapper(SETTINGS | {"NAME": str(tmp_path / "db.sqlite3")}, "private")

    def write():
        with opened.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS notes (text)")

    yield write
    opened.close()


def modes(directory):
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in directory.iterdir()}


PRIVATE = dict.fromkeys(("db.sqlite3", "db.sqlite3-wal", "db.sqlite3-shm"), "0o600")


def test_a_new_sqlite_file_is_private(connect, tmp_path):
    connect()
    assert modes(tmp_path) == PRIVATE


def test_an_existing_sqlite_file_becomes_private(connect, tmp_path):
    for name in PRIVATE:
        (tmp_path / name).touch(0o666)
    connect()
    assert modes(tmp_path) == PRIVATE


def test_mail_in_files_is_private(tmp_path):
    backend = get_connection("tutorarc.conf.file_mail.EmailBackend", file_path=str(tmp_path / "mail"))
    backend.send_messages([EmailMessage("Hello", "A link", to=["a@example.org"])])
    assert list(modes(tmp_path / "mail").values()) == ["0o600"]
