"""The OpenAPI document: strictly valid, complete, and with examples that match their schemas."""

import gzip
import json

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from classes.examples import NEW_CLASS
from sessions.examples import NEW_SESSION
from tutorarc.api.views import openapi_document
from tutorarc.http.error_reasons import ErrorReason
from tutorarc.testing.client import path_of
from tutorarc.urls import v1

DOCUMENT = "urn:openapi"
LANGUAGES = ["cURL", "JavaScript", "TypeScript", "Python"]

# As the renderer gives it: tuples are lists, lazy texts are text.
document = json.loads(json.dumps(openapi_document(), default=str))


def closed(node):
    """A copy in which no object may have other fields: an answer may gain fields, but an example has none too many."""
    if isinstance(node, list):
        return [closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    extra = {"additionalProperties": False} if node.get("type") == "object" and "properties" in node else {}
    return {name: closed(item) for name, item in node.items()} | extra


registry = Registry().with_resource(DOCUMENT, DRAFT202012.create_resource(closed(document)))
operations = {
    f"{method.upper()} {path}": operation
    for path, item in document["paths"].items()
    for method, operation in item.items()
}
each_operation = pytest.mark.parametrize("operation", operations.values(), ids=operations.keys())
create = operations["POST /api/v1/classes"]


def complaints(schema, value):
    """What is wrong with a value; references in the schema point into the document."""
    absolute = json.loads(json.dumps(closed(schema)).replace('"#/', f'"{DOCUMENT}#/'))
    validator = Draft202012Validator(absolute, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message for error in validator.iter_errors(value)]


def contents(operation):
    """Where an operation's bodies are described: (status or "request", content)."""
    bodies = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for name, body in bodies.items():
        if "$ref" in body:
            body = document["components"]["responses"][body["$ref"].removeprefix("#/components/responses/")]
        for content in body.get("content", {}).values():
            yield name, content


def parameters(operation):
    return operation.get("parameters", [])


def test_the_document_is_valid_openapi_3_1():
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_operation_ids_are_names_of_functions():
    names = [operation["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name[0].islower() and "_" not in name for name in names)
    assert {"createClass", "listClasses", "getClass", "approveMembers", "createLiveSession"} <= set(names)


@each_operation
def test_an_operation_has_summary_and_description(operation):
    assert operation["summary"]
    assert operation["description"].strip()
    assert "**Who:**" in operation["description"]
    assert [tag for tag in document["tags"] if tag["name"] == operation["tags"][0] and tag["description"]]
    assert all(parameter["description"].strip() for parameter in parameters(operation))


@each_operation
def test_an_operation_lists_every_error_it_can_return(operation):
    statuses = set(operation["responses"])
    assert {"400", "401", "403", "406", "429", "500", "503"} <= statuses
    assert (operation not in [item.get("get") for item in document["paths"].values()]) == ({"413", "415"} <= statuses)
    assert any(parameter["in"] == "path" for parameter in parameters(operation)) == ("404" in statuses)
    assert any(parameter["name"] == "Idempotency-Key" for parameter in parameters(operation)) <= ("409" in statuses)
    assert len(statuses & {"200", "201", "204"}) == (2 if operation is create else 1)


@each_operation
def test_every_body_has_valid_examples(operation):
    for name, content in contents(operation):
        examples = [example["value"] for example in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        assert examples, name
        for example in examples:
            assert complaints(content["schema"], example) == [], (name, example)


@each_operation
def test_examples_of_parameters_are_valid(operation):
    for parameter in parameters(operation):
        assert (parameter["in"] == "path") <= ("example" in parameter)
        if "example" in parameter:
            assert complaints(parameter["schema"], parameter["example"]) == []


BODIES = {
    "createClass": ("A live session", "A class"),
    "createLiveSession": ("A live session", "A series"),
    "updateLiveSession": ("Another time", "Another time for the rest of a series"),
}


@each_operation
def test_an_operation_has_samples_in_four_languages(operation):
    labels = [sample["label"] for sample in operation["x-codeSamples"]]
    bodies = BODIES.get(operation["operationId"])
    assert labels == ([f"{name}: {body}" for body in bodies for name in LANGUAGES] if bodies else LANGUAGES)
    assert all("{" not in sample["source"].split("/api/v1")[1].split('"')[0] for sample in operation["x-codeSamples"])


def reasons_listed(status):
    """The reasons of the list at the end of the introduction, with the calls that give them."""
    rows = [line.split(" | ") for line in document["info"]["description"].splitlines() if line.startswith("| 4")]
    return {row[1].strip("`"): row[3].removesuffix(" |") for row in rows if row[0] == f"| {status}"}


def test_the_introduction_lists_every_reason_with_its_calls():
    conflicts, refusals = reasons_listed(409), reasons_listed(403)
    assert conflicts["idempotency_key_reused"] == "every POST"
    assert conflicts["last_teacher"] == "`changeMemberRole`, `leaveClass`, `removeMember`, `updateUser`"
    assert conflicts["session_begun"] == "`cancelLiveSession`"
    assert refusals["csrf_failed"] == "every call but GET"
    of_keys = ("createApiKey", "listApiKeys", "listRefusedCalls", "revokeApiKey", "rotateApiKey")
    assert refusals["sign_in_required"] == ", ".join(f"`{name}`" for name in of_keys)
    assert reasons_listed(404)["unknown_path"] == "any address"
    of_any = [row.split("`")[1] for row in document["info"]["description"].splitlines() if "| any address |" in row]
    assert of_any == ["unknown_path", "method_not_allowed"]
    assert reasons_listed(401).keys() == {"no_credential", "malformed_key", "unknown_key"}


def test_the_schema_of_errors_names_the_reasons_that_are_listed():
    [reason] = [
        part["properties"]["reason"]["enum"]
        for part in document["components"]["schemas"]["Error"]["properties"].values()
        if "properties" in part
    ]
    listed = [f"`{slug}`" in document["info"]["description"] for slug in reason]
    assert (set(ErrorReason) <= set(reason), all(listed)) == (True, True)
    assert "group_name_taken" not in reason  # no call of the API gives it


def test_a_conflict_lists_its_reasons():
    leave = operations["POST /api/v1/classes/{class_id}/leave"]["responses"]["409"]
    slugs = [line.split("`")[1] for line in leave["description"].splitlines() if line.startswith("- `")]
    own = ["class_archived", "not_an_approved_member", "last_teacher"]
    assert slugs == [*own, "idempotency_key_reused", "request_in_progress", "response_unreadable"]
    assert [*leave["content"]["application/json"]["examples"]] == own


def test_post_classes_accepts_exactly_one_of_two_bodies():
    [content] = [content for name, content in contents(create) if name == "request"]
    branches = document["components"]["schemas"]["ClassOrLiveSessionRequest"]["oneOf"]
    assert create["requestBody"]["required"]
    assert content["schema"] == {"$ref": "#/components/schemas/ClassOrLiveSessionRequest"}
    assert [example["value"] for example in content["examples"].values()] == [NEW_SESSION, NEW_CLASS]
    for body, fits in ((NEW_SESSION, [True, False]), (NEW_CLASS, [False, True])):
        assert [complaints(branch, body) == [] for branch in branches] == fits
    assert complaints(content["schema"], {**NEW_CLASS, "duration": 60}) != []
    assert complaints(content["schema"], {**NEW_SESSION, "description": ""}) != []


def objects(node, place=""):
    """The schemas of objects within a part of the document, with their places."""
    if isinstance(node, dict) and node.get("type") == "object" and "properties" in node:
        yield place, node
    for key, child in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(child, dict | list):
            yield from objects(child, f"{place}/{key}")


def test_bodies_are_closed_and_answers_may_gain_fields():
    schemas = [(place, schema) for place, schema in objects(document["components"]["schemas"])]
    is_closed = {place: schema.get("additionalProperties") is False for place, schema in schemas}
    assert is_closed == {place: place.endswith("Request") for place, _ in schemas}
    assert list(objects(document["paths"])) == []


def test_every_property_is_described():
    missing = [
        f"{place}/{name}"
        for place, schema in objects(document)
        for name, part in schema["properties"].items()
        if not part.get("description", "").strip()
    ]
    assert missing == []
    assert '"description": ""' not in json.dumps([document["components"], document["paths"]])


def test_the_ids_of_the_published_examples_fit_their_patterns():
    """Though this server makes longer ones."""
    published = {"class_id": "cls_123", "user_id": "usr_456", "session_id": "session_abc123", "series_id": "ser_abc123"}
    for operation in operations.values():
        for parameter in parameters(operation):
            if parameter["name"] in published:
                assert complaints(parameter["schema"], published[parameter["name"]]) == []


def test_a_webhook_has_an_event_that_matches_its_schema_and_headers_with_examples():
    [(name, request)] = [(name, item["post"]) for name, item in document["webhooks"].items()]
    content = request["requestBody"]["content"]["application/json"]
    assert (name, content["schema"]) == ("event", {"$ref": "#/components/schemas/Event"})
    assert [complaints(content["schema"], one["value"]) for one in content["examples"].values()] == [[]]
    assert [header["name"] for header in request["parameters"]] == [
        *("webhook-id", "webhook-timestamp", "webhook-signature"),
    ]
    assert [complaints(header["schema"], header["example"]) for header in request["parameters"]] == [[]] * 3


def test_a_created_object_has_an_address():
    created = [operation["responses"].get("201") for operation in operations.values()]
    assert {"Location" in response["headers"] for response in created if response} == {True}


def test_the_introduction_says_how_to_begin():
    said = " ".join(document["info"]["description"].split())
    assert "Use your API Key directly in the `X-API-Key` header. No Bearer token or OAuth is required." in said
    for word in ("/api/v1", "/developers/keys", "Idempotency-Key", "request_id", "page_size", "cursor", "429"):
        assert word in said


def test_the_document_is_public(client):
    for accept in ("application/json", "application/vnd.oai.openapi+json"):
        response = client.get("/api/schema", headers={"Accept": accept})
        assert (response.status_code, response["Content-Type"].split(";")[0]) == (200, accept)
        assert response.json()["info"]["title"] == "TutorArc"


@pytest.mark.parametrize("accept", ["application/json", "application/yaml"])
def test_a_copy_of_the_document_need_not_be_loaded_again(client, accept):
    first = client.get("/api/schema", headers={"Accept": accept})
    again = client.get("/api/schema", headers={"Accept": accept, "If-None-Match": first["ETag"]})
    other = client.get("/api/schema", headers={"Accept": "application/*", "If-None-Match": '"other"'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert (other.status_code, other["ETag"] == first["ETag"]) == (200, accept == "application/json")


def test_the_document_is_compressed_for_those_who_accept_it(client):
    plain = client.get("/api/schema")
    packed = client.get("/api/schema", headers={"Accept-Encoding": "gzip, br"})
    assert (packed["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", plain.content)
    assert len(packed.content) < len(plain.content) / 5
    assert {"Accept", "Accept-Encoding"} <= {name.strip() for name in packed["Vary"].split(",")}
    assert "Content-Encoding" not in plain


def test_the_reference_is_found_with_a_trailing_slash_too(client):
    answer = client.get("/api/docs/")
    assert (answer.status_code, answer["Location"]) == (302, "/api/docs")


def secrets_of_posts():
    """Fields of answers to POST that a stored answer doesn't hold, with their schemas."""
    for pattern in v1:
        view = pattern.callback.cls
        for status, answer in operations.get(f"POST /api/v1{path_of(pattern)}", {}).get("responses", {}).items():
            if view.secrets and status.startswith("2"):
                name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                fields = document["components"]["schemas"][name]["properties"]
                yield from ((name, secret, fields[secret]) for secret in view.secrets & fields.keys())


def test_secrets_may_be_null_as_in_answers_to_repeated_calls():
    found = list(secrets_of_posts())
    assert {secret for _, secret, _ in found} == {"key", "secret", "url", "webcal_url"}
    assert [(name, secret) for name, secret, schema in found if "null" not in schema["type"]] == []
