"""Prepared statements of a real PostgreSQL after a change of the schema. Under the server: test_schema_changes.py."""

import psycopg
import pytest
from django.db.utils import ConnectionHandler
from psycopg.conninfo import conninfo_to_dict

from tutorarc.db.postgres.cursor import Cursor, StalePlan
from tutorarc.testing.postgres import postgres

pytestmark = pytest.mark.own_database

READ = "SELECT title FROM lesson WHERE number = %s"


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        yield running


@pytest.fixture
def connection(server):
    """It has prepared its statement, and the type of the column that this returns has changed since."""
    options = {"autocommit": True, "prepare_threshold": 0, "cursor_factory": Cursor}
    with psycopg.connect(server.url, **options) as connection:
        connection.execute("CREATE TABLE lesson (number int, title varchar(10))")
        connection.execute("INSERT INTO lesson VALUES (1, 'Algebra')")
        read(connection)
        server.sql("ALTER TABLE lesson ALTER COLUMN title TYPE varchar(20)")
        yield connection
        connection.execute("DROP TABLE lesson")


def read(connection):
    return connection.execute(READ, [1]).fetchone()


def test_outside_a_transaction_the_statement_is_prepared_and_run_again(connection):
    assert read(connection) == ("Algebra",)
    assert read(connection) == ("Algebra",)


def test_inside_a_transaction_it_fails_once(connection):
    def write_and_read():
        with connection.transaction():
            connection.execute("INSERT INTO lesson VALUES (2, 'Botany')")
            return read(connection)

    with pytest.raises(StalePlan):
        write_and_read()
    with connection.transaction():
        assert read(connection) == ("Algebra",)
    assert connection.execute("SELECT count(*) FROM lesson").fetchone() == (1,)


def test_a_statement_lost_by_the_session_is_prepared_again(connection):
    """As by a connection pooler that resets sessions."""
    assert read(connection) == ("Algebra",)
    connection.execute("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$")
    assert read(connection) == ("Algebra",)


def test_any_other_error_is_raised_and_nothing_is_run_again(connection):
    runs = []
    connection.add_notice_handler(lambda notice: runs.append(notice.message_primary))
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        connection.execute("DO $$ BEGIN RAISE NOTICE 'run'; RAISE feature_not_supported; END $$")
    assert runs == ["run"]


@pytest.fixture
def database(server, django_db_blocker):
    """Django's connection to this server."""
    engine, host = "tutorarc.db.postgres", conninfo_to_dict(server.url)["host"]
    settings = {"ENGINE": engine, "NAME": "postgres", "USER": "postgres", "HOST": host}
    database = ConnectionHandler({"default": settings})["default"]
    with django_db_blocker.unblock():
        yield database
        database.close()


def test_compiled_reads_share_a_cursor(database):
    cursor = database.read_cursor()
    for number in (1, 2):
        cursor.execute("SELECT %s::int", [number])
        assert cursor.fetchall() == [(number,)]
    assert database.read_cursor() is cursor


def test_a_new_connection_has_a_cursor_of_its_own(database):
    cursor = database.read_cursor()
    database.close()
    assert database.read_cursor() is not cursor


def test_queries_of_compiled_reads_are_logged_while_debugging(database):
    shared = database.read_cursor()
    database.force_debug_cursor = True
    with database.read_cursor() as cursor:
        cursor.execute("SELECT 1")
    assert (cursor is not shared, [query["sql"] for query in database.queries]) == (True, ["SELECT 1"])
