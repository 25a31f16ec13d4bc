"""One cursor for a statement that comes again, on PostgreSQL; SQLite's connection keeps prepared statements itself."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from classes.models import Class, class_with_role
from tutorarc.cursors import MOST_KEPT, cursor_for
from tutorarc.history import Actor, insert, record

pytestmark = pytest.mark.django_db(transaction=True)  # so that a connection can be closed
KEPT = connection.vendor == "postgresql"
SQL = "SELECT 1"


def ask(sql, *values):
    cursor = cursor_for(connection, sql)
    cursor.execute(sql, values)
    return cursor.fetchall()


def test_a_statement_that_comes_again_has_its_cursor():
    assert (cursor_for(connection, SQL) is cursor_for(connection, SQL)) == KEPT
    assert cursor_for(connection, "SELECT 2") is not cursor_for(connection, SQL)


def test_hot_reads_and_recorded_writes_make_no_new_cursor(alice, monkeypatch):
    def work(code):
        klass = insert(Class(title="Algebra", class_code=code, created_by=alice), Actor(alice), verb="create")
        record([klass], Actor(alice), verb="edit")
        return class_with_role(class_id=klass.pk, user_id=alice.pk)

    work("FIRST")
    made, cursor = [], connection.cursor
    monkeypatch.setattr(connection, "cursor", lambda: made.append(True) or cursor())
    with transaction.atomic():
        [second] = work("SECOND")
    assert second.class_code == "SECOND"
    assert bool(made) != KEPT


def test_an_earlier_answer_stays_as_it_was(alice):
    first, second = (Class.objects.found(Actor(alice), title=title) for title in ("Algebra", "Botany"))
    [read] = class_with_role(class_id=first.pk, user_id=alice.pk)
    class_with_role(class_id=second.pk, user_id=alice.pk)
    assert read.title == "Algebra"


def test_values_may_be_of_another_kind_each_time():
    sql = "SELECT %s, %s"
    assert [ask(sql, 1, "a"), ask(sql, None, "b"), ask(sql, 2**40, "ü"), ask(sql, 3, "")] == [
        [(1, "a")],
        [(None, "b")],
        [(2**40, "ü")],
        [(3, "")],
    ]


def test_an_error_leaves_the_cursor_fit_for_use():
    sql = "SELECT 1 / CAST(%s AS integer) FROM nowhere" if not KEPT else "SELECT 1 / CAST(%s AS integer)"
    with pytest.raises(DatabaseError), transaction.atomic():
        ask(sql, 0)
    if KEPT:
        assert ask(sql, 1) == [(1,)]


def test_a_new_connection_has_cursors_of_its_own():
    assert ask(SQL) == [(1,)]
    cursor = cursor_for(connection, SQL)
    connection.close()
    assert ask(SQL) == [(1,)]
    assert cursor_for(connection, SQL) is not cursor


def test_only_so_many_are_kept():
    for number in range(MOST_KEPT + 5):
        assert ask(f"SELECT {number}") == [(number,)]
    assert len(getattr(connection.connection, "cursors", ())) <= MOST_KEPT


def test_statements_are_still_seen_by_those_who_count_them():
    seen = []

    def watch(execute, *statement):
        seen.append(statement[0])
        return execute(*statement)

    ask(SQL)
    with connection.execute_wrapper(watch), CaptureQueriesContext(connection) as captured:
        ask(SQL)
    with connection.execute_wrapper(watch):
        ask(SQL)
    assert (seen, len(captured)) == ([SQL, SQL], 1)
