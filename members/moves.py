"""The change of the status of many memberships, in one statement that returns them.

The verb reads nothing before it writes, so the class is locked for two thirds of the time.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import prefetch_related_objects
from django.utils import timezone

from classes.models import Class
from classes.roles import ClassRole
from classes.roles import MembershipStatus as Status
from members.batch_errors import Reason, refuse_members, student_as_teacher, wrong_status
from tutorarc.db.among_lookup import among, typed
from tutorarc.db.compiled import Entity, Statement
from tutorarc.models import User

if TYPE_CHECKING:
    from members.models import Membership


def move(klass: Class, user_ids: Sequence[str], sources: Sequence[str], target: str) -> "dict[str, list[Membership]]":
    """Move these people of a locked class from one of `sources` to `target`. Returns memberships by former status.

    Raises NotInState with each person who is in another status, or would be a teacher as a STUDENT.
    """
    moved = {source: _update(klass, user_ids, source, target) for source in sources}
    members = {member.user_id: member for some in moved.values() for member in some}
    reasons: dict[str, Reason] = {}
    if others := [user_id for user_id in user_ids if user_id not in members]:
        found = {member.user_id: member for member in klass.memberships.of(klass, others)}
        reasons = {user_id: wrong_status(found.get(user_id), sources) for user_id in others}
    if target == Status.APPROVED:
        teachers = [member for member in members.values() if member.role == ClassRole.TEACHER]
        prefetch_related_objects(teachers, "user")
        reasons |= {member.user_id: student_as_teacher(member) for member in teachers}
    refuse_members(_model().NotInState, user_ids, reasons.get)
    return moved


def _update(klass: Class, user_ids: Sequence[str], source: str, target: str) -> "list[Membership]":
    """Those of them who were in the status `source`, in any order."""
    database = connections[DEFAULT_DB_ALIAS]
    joined_at = timezone.now() if target == Status.APPROVED else None  # who has joined before keeps the former time
    row, columns, update = _compiled()
    people, ids = _in_order(klass, user_ids, database)
    prepared = [target, _model().joined_at.field.get_db_prep_value(joined_at, database), *ids, source]
    with database.cursor() as cursor:
        cursor.execute(f"{update} {people} AND status = %s RETURNING {columns}", prepared)
        return [row.instance(values, database) for values in cursor.fetchall()]  # type: ignore[misc]


def _in_order(klass: Class, user_ids: Sequence[str], database: Any) -> tuple[str, list[Any]]:
    """FROM and WHERE of an UPDATE of these people in the class. With its parameters.

    PostgreSQL's plans look them up, and so lock them, in the order in which they are given, which is that of their ids:
    two concurrent batches that share people don't wait for each other.
    """
    ids = sorted(user_ids)
    if database.vendor != "postgresql":
        condition, parameters = of_people(klass, ids, database)
        return f"WHERE {condition}", parameters
    table = _model()._meta.db_table
    return (
        "FROM (SELECT %s::uuid AS class_id, unnest(%s::uuid[]) AS user_id) person "
        f"WHERE {table}.class_id = person.class_id AND {table}.user_id = person.user_id"
    ), _prepared(klass, ids, database)


def of_people(klass: Class, user_ids: Sequence[str], database: Any) -> tuple[str, list[Any]]:
    """Condition on memberships: of these people in the class, found by the unique index. With its parameters.

    With two plain conditions the generic plan of a prepared statement would read all members of a large class.
    """
    table = _model()._meta.db_table
    class_id, people = _prepared(klass, user_ids, database)
    if database.vendor == "postgresql":
        pairs = f"({table}.class_id, {table}.user_id)"
        return f"{pairs} IN (SELECT %s::uuid, unnest(%s::uuid[]))", [class_id, people]
    condition, parameters = among(User._meta.pk, people, database)
    return f"{table}.class_id = %s AND {table}.user_id {condition}", [class_id, *parameters]


def _prepared(klass: Class, user_ids: Sequence[str], database: Any) -> list[Any]:
    """The id of the class, and the list of those of the people, as query parameters."""
    people = [User._meta.pk.get_db_prep_value(user_id, database) for user_id in user_ids]
    return [Class._meta.pk.get_db_prep_value(klass.pk, database), people]


@cache
def _compiled() -> tuple[Entity, str, str]:
    """How to read a row, its columns, and the beginning of the statement."""
    model, table = _model(), _model()._meta.db_table
    joined_at = typed(model.joined_at.field, connections[DEFAULT_DB_ALIAS])
    update = f"UPDATE {table} SET status = %s, joined_at = COALESCE({table}.joined_at, {joined_at})"  # noqa: S608
    columns = ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)
    return Statement(model.objects.all(), {}).entity, columns, update


def _model() -> Any:
    return apps.get_model("members.Membership")
