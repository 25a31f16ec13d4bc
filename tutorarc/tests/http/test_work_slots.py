"""A few threads work at once, each with the database connection of its slot."""

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.db import connection, connections
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from tutorarc.http.work_slots import WorkSlots
from tutorarc.testing.client import run_together


@pytest.fixture
def slots():
    """`slots(application, 2)`: two slots for an application that takes no arguments."""

    def make(application, count):
        return WorkSlots(lambda environ, start_response: application(), count)

    before = connections["default"]
    yield make
    connections["default"] = before


def by(caller, path="/"):
    return {"PATH_INFO": path, "HTTP_X_API_KEY": caller}


@pytest.fixture
def most_at_once(slots):
    """The largest number of these requests that are worked on at once, with three slots."""

    def measure(*requests):
        now, most, lock = set(), [], threading.Lock()

        def application():
            with lock:
                now.add(threading.get_ident())
                most.append(len(now))
            threading.Event().wait(0.02)
            with lock:
                now.discard(threading.get_ident())
            return HttpResponse("served")

        work = slots(application, 3)
        calls = [lambda request=request: work(request, None).content for request in requests]
        assert run_together(calls) == [b"served"] * len(requests)
        return max(most)

    return measure


def test_no_more_work_at_once_than_there_are_slots(most_at_once):
    assert most_at_once(*(by(f"key{number}") for number in range(9))) == 3


def test_one_caller_leaves_a_slot_to_others(most_at_once):
    assert most_at_once(*[by("key")] * 9) == 2
    assert most_at_once(*[{"PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1"}] * 9) == 2


def test_health_checks_need_no_slot(most_at_once):
    assert most_at_once(*[by("key", "/healthz")] * 9) > 3


def test_a_caller_finds_a_slot_whatever_another_one_does(slots):
    is_going_on, entered = threading.Event(), threading.Semaphore(0)

    def application():
        entered.release()
        is_going_on.wait(30)
        return HttpResponse("served")

    work = slots(application, 2)
    threads = [threading.Thread(target=work, args=(by("key"), None)) for _ in range(5)]
    other = threading.Thread(target=work, args=(by("another"), None))
    for thread in [*threads, other]:
        thread.start()
    assert [entered.acquire(timeout=30), entered.acquire(timeout=30), entered.acquire(timeout=0.1)] == [
        True,
        True,
        False,
    ]
    is_going_on.set()
    for thread in [*threads, other]:
        thread.join(30)


def test_each_slot_has_a_connection_for_whatever_thread_takes_it(slots, db):
    used, both = [], threading.Barrier(2)

    def application():
        used.append(connections["default"])
        connection.ensure_connection()
        both.wait(30)
        return HttpResponse("served")

    work = slots(application, 2)
    for _ in range(2):
        run_together([lambda caller=caller: work(by(caller), None) for caller in ("key", "another")])
    assert (len(used), len(set(map(id, used)))) == (4, 2)
    for one in used:
        one.close()


def test_slots_are_given_in_the_order_of_arrival(slots):
    order, is_going_on = [], threading.Event()

    def application():
        is_going_on.wait(30)
        order.append(threading.current_thread().name)
        return HttpResponse("served")

    work = slots(application, 1)
    threads = [threading.Thread(target=work, args=(by(f"key{n}"), None), name=str(n)) for n in range(20)]
    for count, thread in enumerate(threads):
        thread.start()
        while len(work.waiting) < count:
            is_going_on.wait(0.001)
    is_going_on.set()
    for thread in threads:
        thread.join(30)
    assert order == [str(n) for n in range(20)]


def test_a_slot_is_free_again_after_an_exception(slots):
    work = slots(lambda: {}[1], 2)
    for _ in range(3):
        with pytest.raises(KeyError):
            work(by("key"), None)
    assert len(work.free) == 2


def test_a_streamed_response_keeps_its_slot_until_it_is_closed(slots):
    work = slots(lambda: StreamingHttpResponse(iter([b"a", b"b"])), 2)
    streamed = work(by("key"), None)
    assert (len(work.free), list(streamed)) == (1, [b"a", b"b"])
    streamed.close()
    assert len(work.free) == 2


def test_a_file_needs_no_slot_while_the_client_reads_it(slots):
    work = slots(lambda: FileResponse(BytesIO(b"script")), 2)
    response = work(by("key"), None)
    assert (len(work.free), b"".join(response)) == (2, b"script")


def test_a_thread_keeps_no_connection_of_a_slot(slots):
    used = []

    def application():
        used.append(connections["default"])
        return HttpResponse("served")

    work = slots(application, 2)
    work(by("key"), None)
    work(by("key", "/healthz"), None)
    assert used[0] is not used[1]
    with pytest.raises(KeyError):
        slots(lambda: {}[1], 1)(by("key"), None)
    assert connections["default"] not in used


def test_a_slot_that_is_set_aside_serves_another_request(slots):
    done = []

    def outer():
        mine = connection.connection is None and connections["default"]
        with work.set_aside():
            with ThreadPoolExecutor(1) as pool:
                pool.submit(work, by("another"), None).result(timeout=30)
            done.append("outer")
        assert connections["default"] is mine
        return HttpResponse("served")

    def inner():
        done.append("inner")
        return HttpResponse("served")

    applications = [inner, outer]
    work = slots(lambda: applications.pop()(), 1)
    assert work(by("key"), None).content == b"served"
    assert done == ["inner", "outer"]
    assert len(work.free) == 1


def test_a_slot_with_an_open_transaction_and_a_thread_without_slot_keep_what_they_have(slots):
    def application():
        mine = connections["default"]
        mine.in_atomic_block = True
        try:
            with work.set_aside():
                return HttpResponse(str(connections["default"] is mine and not work.free))
        finally:
            mine.in_atomic_block = False

    work = slots(application, 1)
    assert work(by("key"), None).content == b"True"
    with work.set_aside():
        assert len(work.free) == 1
