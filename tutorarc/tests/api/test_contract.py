"""docs/contract.md agrees with the OpenAPI document and the code: examples, calls, query parameters, codes, scopes."""

import json
import re

import pytest

from sessions.admission import Reason, Status
from sessions.scheduling_views import LIVE_SESSION_FIELDS
from tutorarc.api.scopes import SCOPES
from tutorarc.feed.examples import APPROVED
from tutorarc.http.error_reasons import STATUSES
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.testing.client import code_of
from tutorarc.tests.api.test_schema import complaints, document, operations
from tutorarc.tests.ops.documents import DOCS, blocks, table

PAGE = DOCS / "contract.md"
TEXT = PAGE.read_text()
EXAMPLES = re.findall(r"<!-- schema: (\w+) -->\n```json\n(.*?)```", TEXT, re.DOTALL)
CALLS = re.findall(r"^\| `((?:GET|POST|PATCH|DELETE) /\S+)` \| (.*) \| (\d.*) \|$", TEXT, re.MULTILINE)
OF_EVERY_LIST = {"cursor", "page_size"}
WHO = {  # as the contract says it, by the words of the reference
    "anybody": "everybody, without a credential for `role=student`",
    "any user": "everybody",
    "the owner of this key": "the owner",
    "a student (global role STUDENT)": "STUDENT",
    "an administrator (global role ADMIN)": "ADMIN",
    "a teacher (global role TEACHER) or an administrator (global role ADMIN)": "TEACHER, ADMIN",
    "someone with a membership record in this class or an administrator (global role ADMIN)": (
        "everybody with a membership in the class, whatever its status; ADMIN"
    ),
    "someone with a membership record in this class": "everybody with a membership in the class, whatever its status",
    "an approved member of this class": "APPROVED members",
    "an approved member of this class or an administrator (global role ADMIN)": "APPROVED members, ADMIN",
    "a teacher of this class or an administrator (global role ADMIN)": "class teachers, ADMIN",
    "an approved member of this session's class, the creator of a session without a class or an administrator": (
        "APPROVED members of its class, the creator of a session without a class, ADMIN"
    ),
    "an approved member of this session's class": "APPROVED members of its class",
    "an approved member of this series' class, the creator of a series without a class or an administrator": (
        "APPROVED members of its class, the creator of a series without a class, ADMIN"
    ),
    "a teacher of this session's class, the creator of a session without a class or an administrator": (
        "class teachers of its class, the creator of a session without a class, ADMIN"
    ),
}


def section(title: str) -> str:
    [text] = re.findall(rf"^#+ {title}\n(.*?)(?=^#|\Z)", TEXT, re.DOTALL | re.MULTILINE)
    return text


def codes_in(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize(("schema", "example"), EXAMPLES, ids=[schema for schema, _ in EXAMPLES])
def test_every_example_matches_its_schema(schema: str, example: str) -> None:
    assert complaints({"$ref": f"#/components/schemas/{schema}"}, json.loads(example)) == []


def test_the_event_is_the_example_of_the_reference() -> None:
    event = json.loads(dict(EXAMPLES)["Event"])
    told = ("type", "from_status", "changes")
    assert [event[name] for name in told] == [APPROVED[name] for name in told]
    assert list(event["data"]) == list(APPROVED["data"])


def test_every_example_names_its_schema() -> None:
    assert [text for _, text in EXAMPLES] == [block.text for block in blocks(PAGE)]


def test_the_tables_list_every_call_with_its_statuses() -> None:
    described = {
        call.replace("/api/v1", ""): sorted(status for status in operation["responses"] if status[0] == "2")
        for call, operation in operations.items()
    }
    assert {call: sorted(re.findall(r"\b2\d\d\b", answer)) for call, _, answer in CALLS} == described


@pytest.mark.parametrize(("call", "who"), [(call, who) for call, who, _ in CALLS])
def test_the_tables_list_the_roles_of_every_call(call: str, who: str) -> None:
    description = operations[call.replace(" /", " /api/v1/")]["description"]
    [described] = re.findall(r"\*\*Who:\*\* (.*?)\.(?: \*\*|$)", description)
    assert who.partition(":")[0] == WHO[described]


def test_the_table_of_lists_names_the_query_parameters() -> None:
    for call, _, parameters in table(PAGE, "list"):
        operation = operations[call.strip("`").replace(" /", " /api/v1/")]
        described = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
        assert set(codes_in(re.sub(r"\([^)]*\)", "", parameters))) == described - OF_EVERY_LIST, call


def test_the_table_of_errors_lists_every_code() -> None:
    listed = {(code.strip("`"), int(status)) for code, status, _ in table(PAGE, "code")}
    assert listed == set(STATUSES.items())


def test_the_table_of_reasons_lists_every_reason() -> None:
    error = document["components"]["schemas"]["Error"]["properties"]["error"]
    listed = {reason.strip("`"): code.strip("`") for reason, code, _ in table(PAGE, "reason")}
    assert listed == {reason: code_of(reason) for reason in error["properties"]["reason"]["enum"]}


def test_every_scope_is_named() -> None:
    assert codes_in(section("Scopes").partition(". ")[0]) == list(SCOPES)


def test_every_status_of_a_session_and_every_reason_of_admission_is_named() -> None:
    assert re.findall(r"^\| `([A-Z]+)` ", section("Session statuses"), re.MULTILINE) == list(Status)
    assert codes_in(section("Admission").rpartition("The reasons are")[2]) == list(Reason)


def test_every_type_of_event_is_named_once() -> None:
    listed = [name for types, _ in table(PAGE, "event type") for name in codes_in(types)]
    assert sorted(listed) == sorted(PUBLIC_TYPES)


def test_the_fields_that_make_a_body_a_live_session_are_named() -> None:
    named = section("Live sessions").partition("any of the fields")[2].partition(" creates ")[0]
    assert set(codes_in(named)) == LIVE_SESSION_FIELDS
