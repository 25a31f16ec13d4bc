"""Prepared statements of a real PostgreSQL after a change of the schema. Under the server: test_schema_changes.py."""

import psycopg
import pytest

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
