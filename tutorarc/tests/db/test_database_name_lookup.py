"""The real server with a name server that doesn't answer. Look-ups alone: test_postgres_addresses.py."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tutorarc.ops.server_process import THREADS
from tutorarc.testing.server import serve

# Python runs sitecustomize.py at its start. A look-up of the database's name takes as long as a resolver's default.
SLOW_RESOLVER = """
import socket, time
answer = socket.getaddrinfo
def getaddrinfo(host, *args, **options):
    if host == "db.example":
        time.sleep(20)
    return answer(host, *args, **options)
socket.getaddrinfo = getaddrinfo
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory, provision):
    directory = tmp_path_factory.mktemp("names")
    (directory / "sitecustomize.py").write_text(SLOW_RESOLVER)
    site = provision(directory)
    site.environment.update(DATABASE_URL="postgresql://someone@db.example/tutorarc", PYTHONPATH=str(directory))
    with serve(site, "--blocking-threads", str(THREADS)) as server:
        yield server


def timed(live, path):
    started = time.monotonic()
    status, _ = live.request("GET", path, headers={"X-API-Key": live.key})
    return status, time.monotonic() - started


def test_requests_are_unavailable_in_bounded_time_and_health_checks_are_answered_meanwhile(live):
    paths = ["/api/v1/classes", "/readyz"] * THREADS
    with ThreadPoolExecutor(len(paths) + 1) as pool:
        asked = [pool.submit(timed, live, path) for path in paths]
        healthy = pool.submit(timed, live, "/healthz").result()
        answers = [answer.result() for answer in asked]
    assert [status for status, _ in answers] == [503] * len(paths)
    assert healthy[0] == 200
    assert max(seconds for _, seconds in [*answers, healthy]) < 5  # a look-up takes one; the rest is for a busy machine
