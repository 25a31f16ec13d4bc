"""Load that must not keep others waiting: refused requests of one key, and 300 people who sign in at once.

It keeps the machine busy, so the test suite leaves it out. Run it on a quiet machine by
`python -m pytest tutorarc/tests/ops/load.py -s -n 0`; each test prints its figures.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median
from threading import Barrier, Event, Thread
from urllib.parse import urlencode

import pytest

from tutorarc.ops.server_process import OPTIONS as SERVICE
from tutorarc.testing.postgres import postgres
from tutorarc.testing.server import ROOT, serve
from tutorarc.tests.api.test_cost_of_refusals import BODIES, VALUES

OPTIONS = ("--workers", "2", *SERVICE)  # with fewer threads a health check would wait for one of them
QUIET_SECONDS, SECONDS, SENDERS = 3, 10, 8
WORST = [
    *BODIES.values(),
    *(f'{{"{field}": {value}}}'.encode() for field in ("title", "user_ids") for value in VALUES.values()),
]
PEOPLE, PASSWORD = 300, "correct-horse-battery"
ADD_PEOPLE = f"""
import django
django.setup()
from django.contrib.auth.hashers import make_password
from tutorarc.models import User
from tutorarc.models.email_addresses import add_addresses
digest = make_password("{PASSWORD}")
people = [User(email=f"p{{n}}@example.org", display_name=f"P {{n}}", password=digest) for n in range({PEOPLE})]
add_addresses(User.objects.bulk_create(people))
"""
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(params=["postgresql", "sqlite"])
def database_url(request):
    if request.param == "sqlite":
        yield ""
        return
    with postgres() as server:
        yield server.url


@contextmanager
def running(threads):
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.join()


def timed(server, method, path, body=None, headers=None):
    """The status, and after how many milliseconds it came."""
    connection = HTTPConnection(server.host, server.port, timeout=60)
    started = time.perf_counter()
    connection.request(method, path, body, headers or {})
    status = connection.getresponse().status
    connection.close()
    return status, (time.perf_counter() - started) * 1000


def figures(times):
    times = sorted(times)
    p95, longest = times[len(times) * 95 // 100], times[-1]
    return f"{len(times)} times, median {median(times):.0f} ms, 95th percentile {p95:.0f} ms, max {longest:.0f} ms"


def test_health_checks_are_answered_while_a_key_sends_its_worst_requests(database_url, tmp_path, provision):
    site = provision(tmp_path, database_url, TUTORARC_RATE_LIMIT="600/minute")
    ended, statuses, checks, others = Event(), Counter(), [], []

    def send(first):
        for number in range(first, 10**6, SENDERS):
            if ended.is_set():
                return
            headers = {"X-API-Key": site.keys["TEACHER"], "Content-Type": "application/json"}
            status, _ = timed(server, "POST", "/api/v1/classes", WORST[number % len(WORST)], headers)
            statuses[status] += 1

    def check(path, headers, times):
        while not ended.wait(0.1):
            status, milliseconds = timed(server, "GET", path, headers=headers)
            assert status == 200
            times.append(milliseconds)

    with serve(site, *OPTIONS) as server:
        asking = [Thread(target=check, args=("/healthz", {}, checks))]
        asking.append(Thread(target=check, args=("/api/v1/classes", {"X-API-Key": site.keys["ADMIN"]}, others)))
        with running(asking):
            time.sleep(QUIET_SECONDS)
            print(f"before: health checks {figures(checks)}; others' calls {figures(others)}")  # noqa: T201
            del checks[:], others[:]
            with running([Thread(target=send, args=(first,)) for first in range(SENDERS)]):
                time.sleep(SECONDS)
                ended.set()
    print(f"{statuses}; health checks {figures(checks)}; others' calls {figures(others)}")  # noqa: T201
    assert sorted(checks)[len(checks) * 95 // 100] < 100


def sign_in(server, number, address):
    """From the form to the home page: the statuses of the three requests."""
    connection = HTTPConnection(server.host, server.port, timeout=120)
    headers = {"X-Forwarded-For": address}

    def ask(method, path, body=None, **more):
        connection.request(method, path, body, headers | more)
        response = connection.getresponse()
        cookies.update(pair.split(";")[0].split("=", 1) for pair in response.headers.get_all("Set-Cookie") or [])
        return response.status, response.read().decode()

    cookies: dict[str, str] = {}
    shown, page = ask("GET", "/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    data = {"csrfmiddlewaretoken": token, "username": f"p{number}@example.org", "password": PASSWORD}
    sent, _ = ask("POST", "/accounts/login/", urlencode(data), **FORM, Cookie=as_header(cookies))
    home, page = ask("GET", "/", Cookie=as_header(cookies))
    connection.close()
    return shown, sent, home, f"P {number}" in page


def as_header(cookies):
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


@pytest.mark.parametrize("addresses", [1, PEOPLE])
def test_300_people_sign_in_at_once(database_url, tmp_path, provision, addresses):
    site = provision(tmp_path, database_url, TUTORARC_TRUSTED_PROXIES="1")
    subprocess.run([sys.executable, "-c", ADD_PEOPLE], cwd=ROOT, env=site.environment, check=True)  # noqa: S603
    together = Barrier(PEOPLE + 1)

    def one(number):
        together.wait()
        started = time.perf_counter()
        return sign_in(server, number, f"203.0.{number % addresses // 250}.{number % addresses % 250 + 1}"), (
            time.perf_counter() - started
        )

    with serve(site, *OPTIONS) as server, ThreadPoolExecutor(PEOPLE) as pool:
        results = [pool.submit(one, number) for number in range(PEOPLE)]
        together.wait()
        started = time.perf_counter()
        outcomes = Counter(result.result()[0] for result in results)
        seconds = time.perf_counter() - started
    each = figures([result.result()[1] * 1000 for result in results])
    print(f"{addresses} addresses: all after {seconds:.1f} s; {each}; {outcomes}")  # noqa: T201
    assert outcomes == {(200, 302, 200, True): PEOPLE}
    assert seconds < 20
