"""One cursor for a statement that comes again, on PostgreSQL; SQLite's connection keeps prepared statements itself."""

import gc
import weakref
from functools import partial

import pytest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from classes.models import Class, class_with_role, page_of_classes
from tutorarc.db.cursors import MAX_KEPT, cursor_for, take_rows
from tutorarc.db.keyset import Window
from tutorarc.domain.history import Actor, insert, record
from tutorarc.testing.client import run_together

pytestmark = pytest.mark.django_db(transaction=True)  # so that a connection can be closed
KEPT = connection.vendor == "postgresql"
SQL = "SELECT 1"


def ask(sql, *values, database=connection):
    cursor = cursor_for(database, sql)
    cursor.execute(sql, values)
    return take_rows(cursor)


def kept():
    return getattr(connection.connection, "cursors", {})


def test_a_statement_that_comes_again_has_its_cursor():
    assert (cursor_for(connection, SQL) is cursor_for(connection, SQL)) == KEPT
    assert cursor_for(connection, "SELECT 2") is not cursor_for(connection, SQL)


def test_hot_reads_and_recorded_writes_make_no_new_cursor(alice, monkeypatch):
    def work(code):
        klass = insert(Class(title="Algebra", class_code=code, created_by=alice), Actor(alice), verb="create")
        record([klass], Actor(alice), verb="edit")
        return class_with_role(class_id=klass.pk, user_id=alice.pk)

    work("FIRST")
    known = {sql: cursor.cursor._tx for sql, cursor in kept().items()}
    made, cursor = [], connection.cursor
    monkeypatch.setattr(connection, "cursor", lambda: made.append(True) or cursor())
    with transaction.atomic():
        [second] = work("SECOND")
    assert second.class_code == "SECOND"
    assert bool(made) != KEPT
    # What the driver found out about values and rows, it still knows: the statements are the same objects.
    assert {sql: cursor.cursor._tx for sql, cursor in kept().items()} == known
    assert bool(known) == KEPT


def test_an_earlier_answer_stays_as_it_was(alice):
    first, second = (Class.objects.create_with_teacher(Actor(alice), title=title) for title in ("Algebra", "Botany"))
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
    sql = f"SELECT {'sqrt' if KEPT else 'abs'}(%s + 0)"  # of which either database takes one value and not the other
    wrong = -1 if KEPT else -(2**63)
    with pytest.raises(DatabaseError), transaction.atomic():
        ask(sql, wrong)
    assert ask(sql, 1) == [(1,)]


def test_a_new_connection_has_cursors_of_its_own():
    assert ask(SQL) == [(1,)]
    cursor = cursor_for(connection, SQL)
    connection.close()
    assert ask(SQL) == [(1,)]
    assert cursor_for(connection, SQL) is not cursor


def test_only_so_many_are_kept():
    for number in range(MAX_KEPT + 5):
        assert ask(f"SELECT {number}") == [(number,)]
    assert len(kept()) <= MAX_KEPT


def test_the_driver_keeps_no_row_of_an_answer(alice):
    klass = Class.objects.create_with_teacher(Actor(alice), title="Algebra")
    page_of_classes(alice, Window(("pk",), True, 21))
    class_with_role(class_id=klass.pk, user_id=alice.pk)
    drivers = [cursor.cursor for cursor in kept().values()]
    assert [driver for driver in drivers if driver.pgresult or driver._results or driver._tx.pgresult] == []
    assert bool(drivers) == KEPT


def test_a_closed_connection_is_freed_at_once():
    ask(SQL)
    gone = weakref.ref(connection.connection) if KEPT else None
    gc.disable()
    try:
        connection.close()
        assert gone is None or gone() is None
    finally:
        gc.enable()


def test_another_thread_is_refused():
    mine = connections[DEFAULT_DB_ALIAS]
    ask(SQL)
    [refused] = run_together([partial(ask, SQL, database=mine)])
    assert "can only be used in that same thread" in str(refused)


def test_a_test_that_is_to_do_without_a_database_is_refused(monkeypatch):
    """By pytest-django, which stands here, for a statement that was asked before too."""
    ask(SQL)
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ask(SQL)


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
