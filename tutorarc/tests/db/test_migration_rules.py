"""The rules for migrations of a database in use (docs/development.md, "Migrations")."""

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED
from django.test.utils import CaptureQueriesContext

from tutorarc.db.migration_operations import AddIndexConcurrently, AddUniqueConcurrently, RemoveIndexConcurrently
from tutorarc.testing.postgres import postgres
from tutorarc.tests.db.previous_version import Writer, is_new, rewritten, table_files


def new_migrations():
    return [migration for key, migration in MigrationLoader(None).disk_migrations.items() if is_new(*key)]


def offences(migration):
    """The operations that lock or rewrite a table which was there before."""
    fresh = {operation.name.lower() for operation in migration.operations if isinstance(operation, CreateModel)}
    for operation in migration.operations:
        if getattr(operation, "model_name", "").lower() in fresh:
            continue
        if isinstance(operation, AddIndex) and not (
            isinstance(operation, AddIndexConcurrently) and not migration.atomic
        ):
            yield f"{migration}: make {operation.index.name} by AddIndexConcurrently, with atomic = False"
        is_unique = isinstance(operation, AddConstraint) and isinstance(operation.constraint, models.UniqueConstraint)
        if is_unique and not (isinstance(operation, AddUniqueConcurrently) and not migration.atomic):
            yield f"{migration}: add {operation.constraint.name} by AddUniqueConcurrently, with atomic = False"
        if isinstance(operation, AddField) and isinstance(operation.field, models.Field):
            field = operation.field
            if not field.many_to_many and not field.null and field.db_default is NOT_PROVIDED:
                yield f"{migration}: give {operation.name} a db_default, or let it be null"


def test_no_new_migration_locks_a_table_in_use():
    assert [offence for migration in new_migrations() for offence in offences(migration)] == []


INDEX = models.Index(fields=["title"], name="a_trial")
UNIQUE = models.UniqueConstraint(fields=["title"], name="a_trial", condition=~models.Q(title=""))
ADD_UNIQUE = "trial: add a_trial by AddUniqueConcurrently, with atomic = False"


class Trial:
    atomic = True

    def __init__(self, *operations, atomic=True):
        self.operations, self.atomic = operations, atomic

    def __str__(self):
        return "trial"


@pytest.mark.parametrize(
    ("trial", "found"),
    [
        (Trial(AddIndex("class", INDEX)), ["trial: make a_trial by AddIndexConcurrently, with atomic = False"]),
        (
            Trial(AddIndexConcurrently("class", INDEX)),
            ["trial: make a_trial by AddIndexConcurrently, with atomic = False"],
        ),
        (Trial(AddIndexConcurrently("class", INDEX), atomic=False), []),
        (Trial(AddConstraint("class", UNIQUE)), [ADD_UNIQUE]),
        (Trial(AddUniqueConcurrently("class", UNIQUE)), [ADD_UNIQUE]),
        (Trial(AddUniqueConcurrently("class", UNIQUE), atomic=False), []),
        (Trial(CreateModel("class", []), AddIndex("class", INDEX)), []),
        (
            Trial(AddField("class", "x", models.TextField(default=""))),
            ["trial: give x a db_default, or let it be null"],
        ),
        (Trial(AddField("class", "x", models.TextField(db_default=""))), []),
        (Trial(AddField("class", "x", models.TextField(null=True))), []),
    ],
)
def test_the_check_detects_locking_operations(trial, found):
    assert list(offences(trial)) == found


@pytest.fixture(params=["postgresql", "sqlite"])
def empty_database(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    else:
        with postgres() as server:
            yield server.url


@pytest.mark.own_database
def test_the_previous_version_can_write_after_each_migration_and_no_table_is_rewritten(empty_database):
    environment = os.environ | {"DATABASE_URL": empty_database, "DJANGO_SETTINGS_MODULE": "tutorarc.settings"}
    command = [sys.executable, "-m", "tutorarc.tests.db.previous_version"]
    shown = subprocess.run(  # noqa: S603
        command, cwd=settings.BASE_DIR, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    assert shown.stdout == ""


def test_a_failure_of_the_previous_version_is_detected(db):
    """Its column is gone."""
    version_before = ProjectState.from_apps(apps).apps
    Writer(version_before).write("classes")
    connection.cursor().execute("ALTER TABLE classes_class RENAME COLUMN description TO kept")
    with pytest.raises(DatabaseError), transaction.atomic():
        Writer(version_before).write("classes")


def test_a_rewritten_table_is_detected(db):
    before = table_files()
    with transaction.atomic():
        change = "ALTER COLUMN description TYPE char(50)" if before else "ADD COLUMN x text"
        connection.cursor().execute(f"ALTER TABLE classes_class {change}")
        assert rewritten(before) == (["classes_class"] if before else [])
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_an_index_is_created_concurrently_and_removed():
    add, remove = AddIndexConcurrently("class", INDEX), RemoveIndexConcurrently("class", INDEX.name)
    before = ProjectState.from_apps(apps)
    after = before.clone()
    add.state_forwards("classes", after)
    with CaptureQueriesContext(connection) as queries, connection.schema_editor(atomic=False) as editor:
        add.database_forwards("classes", editor, before, after)
        remove.database_forwards("classes", editor, after, before)
        remove.database_backwards("classes", editor, before, after)
        add.database_backwards("classes", editor, after, before)
    said = [query["sql"].split('"')[0].strip() for query in queries if "INDEX" in query["sql"]]
    create, drop = {
        "postgresql": ("CREATE INDEX CONCURRENTLY", "DROP INDEX CONCURRENTLY IF EXISTS"),
        "sqlite": ("CREATE INDEX", "DROP INDEX"),
    }[connection.vendor]
    assert said == [create, drop, create, drop]


@pytest.mark.django_db(transaction=True)
def test_a_unique_index_is_created_concurrently_and_again_after_an_interrupted_attempt(make_user):
    unique = models.UniqueConstraint(fields=["folded_name"], name="a_trial", condition=~models.Q(folded_name=""))
    add, before = AddUniqueConcurrently("user", unique), ProjectState.from_apps(apps)
    after = before.clone()
    add.state_forwards("tutorarc", after)
    alice, zora = make_user("Alice"), make_user("Zora")
    zora.write(folded_name="alice")
    with pytest.raises(IntegrityError), connection.schema_editor(atomic=False) as editor:
        add.database_forwards("tutorarc", editor, before, after)
    zora.write(folded_name="zora")
    with connection.schema_editor(atomic=False) as editor:
        add.database_forwards("tutorarc", editor, before, after)
    try:
        with pytest.raises(IntegrityError), transaction.atomic():
            alice.write(folded_name="zora")
    finally:
        with connection.schema_editor(atomic=False) as editor:
            add.database_backwards("tutorarc", editor, after, before)
