"""While another process holds SQLite's write lock, reads are answered and writes get 503."""

import json
import sqlite3
from contextlib import closing

import pytest

from tutorarc.testing.server import serve


@pytest.fixture
def server_site(tmp_path, provision):
    return provision(tmp_path, f"sqlite:///{tmp_path / 'live.sqlite3'}", TUTORARC_LOCK_TIMEOUT="1")


def test_writes_are_503_only_while_the_lock_is_held(server_site):
    with serve(server_site) as live, closing(sqlite3.connect(server_site.directory / "live.sqlite3")) as other:
        headers = {"X-API-Key": live.key, "Content-Type": "application/json", "Idempotency-Key": "once"}

        def create():
            connection = live.connection()
            connection.request("POST", "/api/v1/classes", json.dumps({"title": "Locked"}), headers)
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status, answer.headers.get("Retry-After")

        def read():
            return live.request("GET", "/api/v1/classes", headers={"X-API-Key": live.key})[0]

        def left():
            events = "tutorarc_event WHERE class_id IS NOT NULL"
            tables = ("classes_class", events, "members_membership", "tutorarc_idempotentreply")
            return [other.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]  # noqa: S608

        other.execute("BEGIN IMMEDIATE")
        assert read() == 200  # though no use of the key can be noted
        assert (create(), left()) == ((503, "5"), [0, 0, 0, 0])
        other.rollback()
        assert (create(), create(), left()) == ((201, None), (201, None), [1, 2, 1, 1])
