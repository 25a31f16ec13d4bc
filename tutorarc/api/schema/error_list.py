"""The list of all reasons, with the calls that give them, at the end of the reference's introduction."""

from typing import Any

from tutorarc.api.schema.possible_errors import Reason, reason_of
from tutorarc.http.error_reasons import ErrorReason

REASONS = "x-reasons"  # of an operation; only until the list is made
HEADER = ["| Status | Reason | Message | Calls |", "| --- | --- | --- | --- |"]


def list_reasons(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    methods = {operation["operationId"]: method for method, operation in _operations(result)}
    given = {operation["operationId"]: operation.pop(REASONS) for _, operation in _operations(result)}
    every = dict.fromkeys(reason for reasons in given.values() for reason in reasons)
    every |= dict.fromkeys(map(reason_of, ErrorReason))
    callers = {reason: {name for name in given if reason in given[name]} for reason in every}
    ordered = sorted(every, key=lambda reason: (reason.status, reason.code))
    rows = [_row(reason, _calls(callers[reason], methods)) for reason in ordered]
    table = "\n".join([*HEADER, *rows])
    result["info"]["description"] += f"\n\n<details><summary>All reasons</summary>\n\n{table}\n\n</details>"
    _error(result)["reason"]["enum"] = [reason.slug for reason in ordered]
    return result


def _operations(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [operation for path in result["paths"].values() for operation in path.items()]


def _error(result: dict[str, Any]) -> dict[str, Any]:
    properties = result["components"]["schemas"]["Error"]["properties"]
    return properties["error"]["properties"]


def _row(reason: Reason, calls: str) -> str:
    return f"| {reason.status} | `{reason.slug}` | {reason.message} | {calls} |"


def _calls(callers: set[str], methods: dict[str, str]) -> str:
    """The operations' names, or words for a large group of them."""
    groups = {
        "any address": set(),
        "every call": set(methods),
        "every call but GET": {name for name in methods if methods[name] != "get"},
        "every POST": {name for name in methods if methods[name] == "post"},
    }
    for words, group in groups.items():
        if callers == group:
            return words
    return ", ".join(f"`{name}`" for name in sorted(callers))
