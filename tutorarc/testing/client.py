"""A test client for the API, and threads that start together."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection
from django.test import Client as DjangoClient

BASE = "/api/v1"


class Client(DjangoClient):
    """Sends JSON to paths below /api/v1: `client.post("/classes", {"title": "Algebra"})`."""

    def generic(self, method: str, path: Any, *args: Any, **options: Any) -> Any:
        return super().generic(method, path if path.startswith(("/api/", "http")) else BASE + path, *args, **options)

    def post(self, path: str, data: Any = None, content_type: str = "application/json", **options: Any) -> Any:  # type: ignore[override]
        return super().post(path, {} if data is None else data, content_type=content_type, **options)

    def patch(self, path: str, data: Any = None, content_type: str = "application/json", **options: Any) -> Any:  # type: ignore[override]
        return super().patch(path, {} if data is None else data, content_type=content_type, **options)


def path_of(route: Any) -> str:
    """A route below /api/v1 as the contract writes it: `/classes/{class_id}`."""
    plain = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(route.pattern).strip("^$").removesuffix(r"\Z"))
    return plain.removeprefix("api/v1").replace("<", "{").replace(">", "}")


def run_together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results, in order; an exception is a result too."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 (the test checks it)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


Verdict = tuple[int, str, list[tuple[str, str]]]


def verdict(response: Any) -> Verdict:
    """An error in short: its status, its code, and field and code of each detail."""
    error = response.json()["error"]
    return response.status_code, error["code"], [(detail["field"], detail["code"]) for detail in error["details"]]


UNAUTHENTICATED: Verdict = (401, "UNAUTHENTICATED", [])
FORBIDDEN: Verdict = (403, "FORBIDDEN", [])
NOT_FOUND: Verdict = (404, "NOT_FOUND", [])
CONFLICT: Verdict = (409, "CONFLICT", [])


def invalid(field: str, code: str = "invalid") -> Verdict:
    return 400, "VALIDATION_ERROR", [(field, code)]
