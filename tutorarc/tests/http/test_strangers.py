"""No call and no form tells a teacher, a student or a visitor who has an account, or what somebody else has.

Each is sent with the address, id or code of a stranger and with one that nobody has: status, headers, body and SQL
statements are the same. The answers are compared without the value that was sent.
Classes and live sessions are no secret: the contract says 403 of them. See test_existence.py for accounts and staff.
"""

import re
from contextlib import contextmanager

import pytest
from django import forms
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Invitation
from members.models.invitation_queryset import Guest
from tutorarc.api.views import SchemaGenerator
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.tests.http.test_existence import answer
from tutorarc.webhooks.models import Delivery, Endpoint

# What a stranger has, by the word in the tables below, and what nobody has.
NOBODY = {
    "ADDRESS": "nobody@example.org",
    "USER": "usr_01h455vb4pex5vsknk084sn02q",
    "CODE": "GEOM-2345",
    "TITLE": "Topology",
    "EXTERNAL": "lms-2",
    "KEY": "key_01h455vb4pex5vsknk084sn02q",
    "WEBHOOK": "whk_01h455vb4pex5vsknk084sn02q",
    "DELIVERY": "dlv_01h455vb4pex5vsknk084sn02q",
    "INVITATION": "inv_01h455vb4pex5vsknk084sn02q",
}
SECRET_FIELDS = {
    "class_code", "delivery_id", "email", "emails", "externalId", "external_id", "from_user_id", "invitation_id",
    "key_id", "search", "teacherId", "to_user_id", "user_id", "user_ids", "webhook_id",
}  # fmt: skip
CLASS, PEOPLE = "/classes/{class_id}", "/classes/{class_id}/members"
ATTENDANCE = "/sessions/{session_id}/attendance"
INVITATION, WEBHOOK = CLASS + "/invitations/{invitation_id}", "/webhooks/{webhook_id}"
DELIVERY = WEBHOOK + "/deliveries/{delivery_id}"
LESSON = {"title": "Groups", "startTime": "2030-01-01T10:00:00Z", "duration": 60, "teacherId": "1"}
PERSON = {"display_name": "Erin", "global_role": "STUDENT"}
STUDENTS = {"role": "STUDENT"}

# Who sends it, the call, what stands for the fields of its path, and its query or body.
CALLS = [
    ("alice", "POST", PEOPLE, {}, STUDENTS | {"email": "ADDRESS"}),
    ("alice", "POST", PEOPLE, {}, {"email": "ADDRESS", "role": "TEACHER"}),
    ("alice", "POST", PEOPLE, {}, STUDENTS | {"user_id": "USER"}),
    ("alice", "POST", PEOPLE, {}, {"user_id": "USER", "role": "TEACHER"}),
    ("bob", "POST", PEOPLE, {}, STUDENTS | {"email": "ADDRESS"}),
    ("alice", "GET", PEOPLE, {}, {"search": "ADDRESS", "expand": "user"}),
    *(("alice", "POST", f"{PEOPLE}/{verb}", {}, {"user_ids": ["USER"]}) for verb in ("approve", "reject", "reopen")),
    ("alice", "POST", PEOPLE + "/remove", {}, {"user_id": "USER"}),
    ("alice", "POST", CLASS + "/transfer", {}, {"to_user_id": "USER"}),
    ("alice", "POST", CLASS + "/transfer", {}, {"to_user_id": "ALICE", "from_user_id": "USER"}),
    ("alice", "POST", CLASS + "/invitations", {}, STUDENTS | {"emails": ["ADDRESS"]}),
    ("alice", "POST", CLASS + "/invitations", {}, {"emails": ["ADDRESS"], "role": "TEACHER", "message": "Hello"}),
    ("alice", "DELETE", INVITATION, {"invitation_id": "INVITATION"}, {}),
    ("alice", "POST", INVITATION + "/resend", {"invitation_id": "INVITATION"}, {}),
    ("alice", "GET", "/events", {}, {"class_id": "CLASS", "user_id": "USER"}),
    ("alice", "GET", "/users", {}, {"email": "ADDRESS"}),
    ("alice", "GET", "/users", {}, {"search": "ADDRESS"}),
    ("alice", "GET", "/users", {}, {"external_id": "EXTERNAL"}),
    ("alice", "POST", "/users", {}, PERSON | {"email": "ADDRESS"}),
    ("alice", "GET", "/users/{user_id}", {"user_id": "USER"}, {}),
    ("alice", "PATCH", "/users/{user_id}", {"user_id": "USER"}, {"display_name": "Erin"}),
    ("alice", "GET", "/classes", {}, {"search": "CODE"}),
    ("bob", "GET", "/classes", {}, {"search": "TITLE"}),
    ("alice", "GET", "/classes", {}, {"external_id": "EXTERNAL"}),
    ("alice", "POST", "/classes", {}, LESSON | {"externalId": "EXTERNAL"}),
    ("alice", "PATCH", CLASS + "/settings", {}, {"external_id": "EXTERNAL"}),
    ("alice", "GET", "/sessions", {}, {"externalId": "EXTERNAL"}),
    ("alice", "GET", "/sessions", {}, {"teacherId": "EXTERNAL"}),
    ("alice", "PATCH", ATTENDANCE + "/{user_id}", {"user_id": "USER"}, {"status": "LATE"}),
    ("alice", "PATCH", ATTENDANCE, {}, {"userIds": ["USER"], "status": "LATE"}),
    ("alice", "POST", "/sessions", {}, LESSON | {"externalId": "EXTERNAL"}),
    ("bob", "POST", CLASS + "/join-request", {}, {"class_code": "CODE"}),  # of another class
    ("alice", "POST", "/join-requests", {}, {"class_code": "CODE"}),  # for students only; to them a code opens a class
    ("alice", "DELETE", "/api-keys/{key_id}", {"key_id": "KEY"}, {}),
    ("alice", "POST", "/api-keys/{key_id}/rotate", {"key_id": "KEY"}, {}),
    ("alice", "GET", "/api-keys/{key_id}/refusals", {"key_id": "KEY"}, {}),
    *(("alice", method, WEBHOOK, {"webhook_id": "WEBHOOK"}, {}) for method in ("GET", "PATCH", "DELETE")),
    *(("alice", "POST", f"{WEBHOOK}/{verb}", {"webhook_id": "WEBHOOK"}, {}) for verb in ("rotate", "test")),
    ("alice", "POST", WEBHOOK + "/replay", {"webhook_id": "WEBHOOK"}, {"since": "2026-01-01T00:00:00Z"}),
    ("alice", "GET", WEBHOOK + "/deliveries", {"webhook_id": "WEBHOOK"}, {}),
    ("alice", "POST", DELIVERY + "/resend", {"webhook_id": "WEBHOOK", "delivery_id": "DELIVERY"}, {}),
]

# Who sends it, the page, and its query or form.
PAGES = [
    ("alice", "POST", "/classes/{class_id}/invite", {"people": "Erin <ADDRESS>", "role": "STUDENT"}),
    ("alice", "POST", "/classes/{class_id}/invite", {"people": "ADDRESS", "role": "TEACHER"}),
    ("alice", "GET", "/classes/{class_id}/history", {"name": "ADDRESS"}),
    (None, "GET", "/j/CODE", {}),
    (None, "GET", "/j", {"code": "CODE"}),
    (None, "POST", "/accounts/login/", {"username": "ADDRESS", "password": "wrong"}),
    (None, "POST", "/accounts/forgotten/", {"email": "ADDRESS"}),
    (None, "POST", "/accounts/sign-up/", {"email": "ADDRESS", "code": "CODE"}),
    (None, "GET", "/accounts/sign-up/", {"code": "CODE"}),
]

# Forms with a field for an address, and why they tell nothing.
FORMS_WITH_ADDRESS = {
    "NewUserForm": "for administrators, who see everybody",
    "UserForm": "for staff, who see everybody",
    "InviteForm": "PAGES",
    "NewAddressForm": "test_a_known_and_an_unknown_address_cost_the_same_statements",
    "ForgottenForm": "PAGES",
    "SignUpForm": "PAGES",
}
OF_EACH_CALL = re.compile(
    r"\b(cls|session|inv|evt|usr)_[0-9a-z]{26}\b|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|\d{4}-\d\d-\d\d[T ][\d:.]+"
)


@pytest.fixture
def strangers(make_user):
    """What strangers to Alice and Bob have, for the words in the tables: one of Dora's students, and one of ours."""
    dora = make_user("Dora", "TEACHER")
    klass = Class.objects.create_with_teacher(Actor(dora), title="Topology")
    Class.objects.filter(pk=klass.pk).update(external_id="lms-1")
    [invitation] = Invitation.objects.send(
        klass, [Guest("guest@example.org")], "STUDENT", Actor(dora), site="https://tutorarc.example.org"
    )
    webhook, _ = Endpoint.objects.register(dora, Actor(dora), url="https://example.org/hook")
    have = {
        "CODE": klass.class_code,
        "TITLE": "Topology",
        "EXTERNAL": "lms-1",
        "KEY": ApiKey.objects.issue(dora, SYSTEM)[0].pk,
        "WEBHOOK": webhook.pk,
        "DELIVERY": Delivery.objects.send_test(webhook, Actor(dora)).pk,
        "INVITATION": invitation.pk,
    }
    people = make_user("Erin"), make_user("Above", "ADMIN", is_staff=True), make_user("Asleep", is_active=False)
    return [have | {"USER": person.pk, "ADDRESS": person.email} for person in people]


@pytest.fixture
def context(algebra, alice, bob, join, schedule):
    join(algebra, bob)
    return {
        "CLASS": algebra.pk,
        "ALICE": alice.pk,
        "class_id": algebra.pk,
        "session_id": schedule(klass=algebra).pk,
    }


def filled(value, words):
    """The value with the words replaced: of a text, a list, or an object."""
    if isinstance(value, dict):
        return {name: filled(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, words) for one in value]
    return re.sub("|".join(words), lambda match: words[match[0]], value) if isinstance(value, str) else value


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def told(call, words):
    """The answer without what was sent, and the statements without their conditions."""
    with undone(), CaptureQueriesContext(connection) as queries:
        response = call(words)
    sent = sorted(words.values(), key=len, reverse=True)
    status, headers, text = answer(response, *sent, *(one.replace("@", "%40") for one in sent))
    statements = [re.sub(r"'[^']*'(::uuid)?|\d+|NULL", "?", query["sql"]).split(" WHERE ")[0] for query in queries]
    headers = {name: OF_EACH_CALL.sub("", value) for name, value in headers.items()}
    return status, headers, OF_EACH_CALL.sub("", text), statements


def require_same(call, strangers, context):
    told(call, context | NOBODY)  # what is written or cached once
    usual = told(call, context | NOBODY)
    for stranger in strangers:
        assert told(call, context | stranger) == usual


@pytest.mark.slow
@pytest.mark.parametrize(("by", "method", "path", "fields", "data"), CALLS)
def test_a_call_answers_and_costs_the_same(request, signed_in, strangers, context, by, method, path, fields, data):
    client = signed_in(request.getfixturevalue(by))

    def call(words):
        address = path.format_map(context | filled(fields, words))
        send = getattr(client, method.lower())
        return send(address, filled(data, words)) if data or method == "POST" else send(address)

    require_same(call, strangers, context)


@pytest.mark.parametrize(("by", "method", "path", "data"), PAGES)
def test_a_page_answers_and_costs_the_same(request, strangers, context, by, method, path, data):
    def call(words):
        client = Client()
        if by:
            client.force_login(request.getfixturevalue(by))
        return getattr(client, method.lower())(filled(path.format_map(context), words), filled(data, words))

    require_same(call, strangers, context)


# Nothing is forgotten


def names_in(schema, components):
    """The names of the fields of a JSON schema, with those of all its variants."""
    schema = components[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    variants = [variant for kind in ("oneOf", "anyOf", "allOf") for variant in schema.get(kind, [])]
    return set(schema.get("properties", {})).union(*(names_in(variant, components) for variant in variants))


def fields_of_calls():
    """Each field of a call whose value may be somebody else's secret, as method, path and name."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    for path, calls in schema["paths"].items():
        for method, call in calls.items():
            names = {parameter["name"] for parameter in call.get("parameters", [])}
            for body in call.get("requestBody", {}).get("content", {}).values():
                names |= names_in(body["schema"], schema["components"]["schemas"])
            yield from ((method.upper(), path.removeprefix("/api/v1"), name) for name in names & SECRET_FIELDS)


# External ids of people are given by administrators, who see everybody. An id in a path that names nobody is a 404, by
# the contract's order of checks, before class roles are looked at; ids of people are random and can't be guessed.
EXCEPT = {
    ("POST", "/users", "external_id"),
    ("PATCH", "/users/{user_id}", "external_id"),
    ("GET", PEOPLE + "/{user_id}", "user_id"),
    ("PATCH", PEOPLE + "/{user_id}", "user_id"),
}


def test_every_call_with_an_address_an_id_or_a_code_is_in_the_table():
    tested = {(method, path, name) for _, method, path, fields, data in CALLS for name in (*fields, *data)}
    assert set(fields_of_calls()) - tested == EXCEPT


def all_forms(form=forms.BaseForm):
    for subclass in form.__subclasses__():
        yield subclass
        yield from all_forms(subclass)


def has_address(form):
    return any(
        isinstance(field.widget, forms.EmailInput) or name in ("email", "login", "people", "username")
        for name, field in getattr(form, "base_fields", {}).items()
    )


def test_every_form_with_an_address_is_known():
    ours = tuple(f"{app.module.__name__}." for app in apps.get_app_configs() if "site-packages" not in app.path)
    found = {form.__name__ for form in all_forms() if form.__module__.startswith(ours) and has_address(form)}
    assert found == set(FORMS_WITH_ADDRESS)
