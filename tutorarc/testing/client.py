"""A test client for the API, and threads that start together."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection
from django.test import Client as DjangoClient
from django.urls import Resolver404

from tutorarc.api.actions import PossibleError
from tutorarc.api.schema.possible_errors import possible_reasons, reason_of
from tutorarc.domain.errors import DOMAIN_ERRORS
from tutorarc.http.error_format import MAX_DETAILS
from tutorarc.http.error_reasons import ErrorReason

BASE = "/api/v1"


class Client(DjangoClient):
    """Sends JSON to paths below /api/v1: `client.post("/classes", {"title": "Algebra"})`."""

    def generic(self, method: str, path: Any, *args: Any, **options: Any) -> Any:
        address = path if path.startswith(("/api/", "http")) else BASE + path
        response: Any = super().generic(method, address, *args, **options)
        if response.status_code >= 400:
            require_documented(response)
        return response

    def post(self, path: str, data: Any = None, content_type: str = "application/json", **options: Any) -> Any:  # type: ignore[override]
        return super().post(path, {} if data is None else data, content_type=content_type, **options)

    def patch(self, path: str, data: Any = None, content_type: str = "application/json", **options: Any) -> Any:  # type: ignore[override]
        return super().patch(path, {} if data is None else data, content_type=content_type, **options)

    def delete(self, path: str, data: Any = "", content_type: str = "application/json", **options: Any) -> Any:  # type: ignore[override]
        return super().delete(path, data, content_type=content_type, **options)


def path_of(route: Any) -> str:
    """A route below /api/v1 as the contract writes it: `/classes/{class_id}`."""
    plain = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(route.pattern).strip("^$").removesuffix(r"\Z"))
    return plain.removeprefix("api/v1").replace("<", "{").replace(">", "}")


def run_together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the calls in parallel and return their results in order. An exception is a result too."""
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
LARGEST_ERROR = 64 * 1024  # bytes
SHAPE = ["code", "reason", "message", "request_id", "details"]


def verdict(response: Any) -> Verdict:
    """An error in short: its status, its reason, and field and code of each detail. Its shape is checked on the way."""
    body = response.json()
    error = body["error"]
    if (list(body), list(error), body["status"]) != (["status", "error"], SHAPE, "error"):
        raise AssertionError(f"An error of another shape: {body}")
    if len(error["details"]) > MAX_DETAILS + 1 or len(response.content) >= LARGEST_ERROR:
        raise AssertionError("The error is too large.")
    if error["code"] != code_of(error["reason"]):
        raise AssertionError(f"The reason {error['reason']} does not belong to {error['code']}.")
    if error["request_id"] != response["X-Request-ID"] and "Idempotency-Replayed" not in response:
        raise AssertionError("The id of the request is another in the header.")
    return response.status_code, error["reason"], [(detail["field"], detail["code"]) for detail in error["details"]]


def code_of(reason: str) -> str:
    errors: dict[str, PossibleError] = {**DOMAIN_ERRORS, **{str(one): one for one in ErrorReason}}
    return reason_of(errors[reason]).code


def unauthenticated(reason: str) -> Verdict:
    return 401, reason, []


def forbidden(reason: str) -> Verdict:
    return 403, reason, []


def conflict(reason: str, *details: tuple[str, str]) -> Verdict:
    return 409, reason, list(details)


UNAUTHENTICATED = unauthenticated("no_credential")
NOT_FOUND: Verdict = (404, "unknown_id", [])
REASONS_OF_CODES = {
    "unknown_field": "unknown_field",
    "repeated_field": "repeated_field",
    "unknown_parameter": "unknown_parameter",
    "repeated_parameter": "repeated_parameter",
    "wrong_code": "wrong_class_code",
    "too_late": "ends_too_late",
    "same_person": "same_person",
}
REASONS_OF_PARAMETERS = {"cursor": "bad_cursor", "Idempotency-Key": "bad_idempotency_key"}


def invalid(field: str, code: str = "invalid") -> Verdict:
    """One wrong field of a body. Some codes are reasons by themselves."""
    return invalid_fields([(field, code)])


def invalid_fields(details: list[tuple[str, str]]) -> Verdict:
    codes = {code for _, code in details}
    return 400, REASONS_OF_CODES.get(min(codes), "invalid_fields") if len(codes) == 1 else "invalid_fields", details


def invalid_parameter(name: str, code: str = "invalid") -> Verdict:
    """One wrong parameter of a query, or a wrong header."""
    usual = REASONS_OF_PARAMETERS.get(name, "invalid_parameter")
    return 400, REASONS_OF_CODES.get(code, usual), [(name, code)]


def require_documented(response: Any) -> None:
    """Raises AssertionError for an error of an action whose reason the reference does not list."""
    try:
        match = response.resolver_match
        action = match.func.actions[response.request["REQUEST_METHOD"].lower()]
    except (Resolver404, AttributeError, KeyError):  # no address of the API, no action of this method
        return
    if response["Content-Type"] != "application/json":
        return
    reason = response.json()["error"]["reason"]
    method, has_ids = response.request["REQUEST_METHOD"], bool(match.kwargs)
    possible = possible_reasons(match.func.cls, action, method.replace("HEAD", "GET"), has_ids=has_ids)
    if reason not in {one.slug for one in possible}:
        raise AssertionError(f"{method} {match.route}: the reference does not list the reason {reason}.")
