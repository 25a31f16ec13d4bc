"""Frequent queries on memberships use an index, also when they are prepared and planned for any parameters."""

import pytest
from django.db import connection

from classes.models import Class
from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.tests.db.large_tables import count_rows


@pytest.fixture
def large_class(algebra, alice, crowd):
    """Nobody asks to join it, but some ask to join another class."""
    crowd(algebra, 2_000)
    crowd(Class.objects.create_with_teacher(Actor(alice), title="Botany"), 200, status="PENDING")
    count_rows()
    return algebra


QUERIES = {
    "teachers_of_a_class": lambda klass: Membership.objects.filter(klass=klass, role="TEACHER"),
    "members_of_all_by_status": lambda _: Membership.objects.filter(status="PENDING"),
    "members_by_status": lambda klass: Membership.objects.filter(klass=klass, status="PENDING"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_rare_role_or_status_is_read_from_an_index(large_class, name):
    assert name in plan(QUERIES[name](large_class).order_by("pk")[:20])


def test_a_class_finds_its_active_teachers_by_their_index(large_class):
    assert "teachers_of_a_class" in plan(Membership.objects.active_teachers().filter(klass=large_class)[:1])


def test_another_value_is_a_parameter():
    sql, parameters = Membership.objects.filter(role="TEACHER'").query.sql_with_params()
    assert ("TEACHER" in sql, parameters) == (False, ("TEACHER'",))


def test_members_are_found_by_role_and_status(large_class, alice, bob, join):
    join(large_class, bob, "REMOVED")
    members = Membership.objects.filter(klass=large_class)
    assert [row.user for row in members.filter(role="TEACHER")] == [alice]
    assert [row.user for row in members.filter(role="STUDENT", status="REMOVED")] == [bob]


def plan(rows):
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL plan_cache_mode = force_generic_plan")
        return prepared_plan(*rows.query.sql_with_params())
    return rows.explain()


def prepared_plan(sql, parameters):
    with connection.cursor() as cursor:
        for number in range(len(parameters)):
            sql = sql.replace("%s", f"${number + 1}", 1)
        cursor.execute(f"PREPARE a_query AS {sql}")
        values = ", ".join(f"'{value}'" for value in parameters)
        cursor.execute(f"EXPLAIN EXECUTE a_query{f'({values})' if values else ''}")
        lines = [line for (line,) in cursor.fetchall()]
        cursor.execute("DEALLOCATE a_query")
    return "\n".join(lines)
