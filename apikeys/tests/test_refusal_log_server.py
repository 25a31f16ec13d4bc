"""A server writes refused calls while it runs and when it ends."""

import sqlite3
import time

from tutorarc.testing.server import serve


def test_a_refused_call_is_written_within_seconds_and_before_the_server_ends(provision, tmp_path):
    site = provision(tmp_path)
    database = site.environment["DATABASE_URL"].removeprefix("sqlite:///")

    def reasons():
        with sqlite3.connect(database) as rows:
            return [reason for (reason,) in rows.execute("SELECT reason FROM apikeys_refusedcall ORDER BY id")]

    with serve(site) as server:
        headers = {"X-API-Key": server.key}
        server.request("GET", "/api/v1/classes?x=1", headers=headers)
        deadline = time.monotonic() + 5
        while not reasons() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert reasons() == ["unknown_parameter"]
        server.request("GET", "/api/v1/nothing", headers=headers)
    assert reasons() == ["unknown_parameter", "unknown_path"]
