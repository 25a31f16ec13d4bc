"""Commands say on standard error which database they use."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from tutorarc.management.database_notice import announce_database


@pytest.fixture
def announced(db, monkeypatch, capsys):
    """What is written while a connection is made twice."""

    def connect(**variables):
        monkeypatch.delenv("DATABASE_URL", raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        announce_database()
        for _ in range(2):
            connection_created.send(sender=connection.__class__, connection=connection)
        return capsys.readouterr()

    return connect


def described():
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"SQLite, {Path(name).absolute()}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('port'), current_user")
        database, port, user = cursor.fetchone()
    return f"PostgreSQL, {database} at {connection.connection.info.host}:{port} as {user}"


def test_the_first_connection_is_announced_once_and_on_standard_error(announced):
    written = announced(DATABASE_URL="given")
    assert (written.out, written.err) == ("", f"Database: {described()}\n")


def test_the_default_database_is_announced_as_default(announced):
    default = "(the default, because DATABASE_URL is not set)"
    assert announced().err == f"Database: {described()} {default}\n"
