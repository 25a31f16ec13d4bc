"""POST /webhooks: a new webhook, whose secret is shown only once."""

import pytest
from django.test.client import MULTIPART_CONTENT

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.testing.client import UNAUTHENTICATED, conflict, forbidden, invalid, verdict
from tutorarc.tests.webhooks.expected import URL, new_webhook, shown
from tutorarc.webhooks.models import Endpoint
from tutorarc.webhooks.models.endpoint_queryset import MAX_ENDPOINTS

NEW = {"url": URL}


def test_a_new_webhook_is_shown_with_its_secret(api, alice):
    response = api(alice).post("/webhooks", NEW)
    webhook, secret = Endpoint.objects.get(), response.json()["secret"]
    assert (response.status_code, response.json()) == (201, {**shown(webhook), "secret": secret})
    assert response["Location"] == f"http://testserver/api/v1/webhooks/{webhook.pk}"
    assert (webhook.owner, webhook.signing_secrets()) == (alice, [secret])


def test_its_fields(api, alice, algebra):
    fields = {"event_types": ["class.archived"], "description": "Sync", "class_id": algebra.pk}
    answer = api(alice).post("/webhooks", NEW | fields).json()
    assert answer == {**shown(Endpoint.objects.get(), **fields), "secret": answer["secret"]}


@pytest.mark.parametrize("who", ["dora", "admin"])
def test_teachers_and_administrators_may_create_one_with_the_cookie_too(request, signed_in, who):
    person = request.getfixturevalue(who)
    assert signed_in(person).post("/webhooks", NEW).status_code == 201
    assert Endpoint.objects.get().owner == person


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"url": ""}, "url", "blank"),
        ({"url": None}, "url", "null"),
        ({"url": 7}, "url", "invalid"),
        ({"url": "school.example"}, "url", "url_not_allowed"),
        ({"url": "ftp://school.example"}, "url", "url_not_allowed"),
        ({"url": "https://127.0.0.1/"}, "url", "url_not_allowed"),
        ({"url": "https://school.example:25/"}, "url", "url_not_allowed"),
        ({"url": f"https://school.example/{'x' * 2000}"}, "url", "max_length"),
        ({"event_types": "class.created"}, "event_types", "not_a_list"),
        ({"event_types": None}, "event_types", "null"),
        ({"event_types": ["class.create"]}, "event_types[0]", "invalid_choice"),
        ({"event_types": [7]}, "event_types[0]", "invalid_choice"),
        ({"event_types": ["webhook.test"]}, "event_types[0]", "invalid_choice"),
        ({"event_types": ["api_key.created"]}, "event_types[0]", "invalid_choice"),
        ({"event_types": ["class.created"] * 2}, "event_types", "duplicate"),
        ({"event_types": ["class.created"] * (len(PUBLIC_TYPES) + 1)}, "event_types", "max_length"),
        ({"description": "x" * 201}, "description", "max_length"),
        ({"description": None}, "description", "null"),
        ({"description": "a\nb"}, "description", "control_character"),
        ({"class_id": "cls_123"}, "class_id", "malformed_id"),
        ({"class_id": 7}, "class_id", "malformed_id"),
        ({"status": "ACTIVE"}, "status", "unknown_field"),
        ({"secret": "whsec_mine"}, "secret", "unknown_field"),
        ({"id": "whk_mine"}, "id", "unknown_field"),
    ],
)
def test_a_wrong_value_is_refused_and_creates_nothing(api, alice, changes, field, code):
    assert verdict(api(alice).post("/webhooks", NEW | changes)) == invalid(field, code)
    assert not Endpoint.objects.exists()


def test_a_url_is_required(api, alice):
    assert verdict(api(alice).post("/webhooks")) == invalid("url", "required")


def test_a_mistyped_event_type_gets_a_suggestion(api, alice):
    response = api(alice).post("/webhooks", NEW | {"event_types": ["class_created"]})
    assert "Did you mean class.created?" in response.json()["error"]["message"]


def test_the_class_of_another_teacher_is_refused(api, dora, algebra):
    response = api(dora).post("/webhooks", NEW | {"class_id": algebra.pk})
    assert verdict(response) == forbidden("not_a_member")


def test_a_class_in_which_the_caller_is_a_student_is_refused(api, alice, dora, algebra):
    algebra.memberships.enrol(algebra, dora, "STUDENT", Actor(alice))
    response = api(dora).post("/webhooks", NEW | {"class_id": algebra.pk})
    assert verdict(response) == forbidden("wrong_role")


def test_an_administrator_may_name_every_class(api, admin, algebra):
    assert api(admin).post("/webhooks", NEW | {"class_id": algebra.pk}).status_code == 201


def test_an_unknown_class_is_a_conflict(api, alice):
    response = api(alice).post("/webhooks", NEW | {"class_id": Class._meta.pk.new()})
    assert verdict(response) == conflict("unknown_class")
    assert not Endpoint.objects.exists()


def test_a_person_has_at_most_fifty(api, alice, bob):
    endpoints = [Endpoint(owner=alice, url=URL, secret="x") for _ in range(MAX_ENDPOINTS)]
    Endpoint.objects.bulk_create(endpoints)
    assert verdict(api(alice).post("/webhooks", NEW)) == conflict("too_many_webhooks")
    Endpoint.objects.filter(pk=endpoints[0].pk).delete()
    assert api(alice).post("/webhooks", NEW).status_code == 201


def test_a_student_may_not(api, bob):
    assert verdict(api(bob).post("/webhooks", NEW)) == forbidden("wrong_role")


def test_a_key_needs_the_scope(api, alice):
    assert verdict(api(alice, scopes=["webhooks:read"]).post("/webhooks", NEW)) == forbidden("missing_scope")
    assert api(alice, scopes=["webhooks:write"]).post("/webhooks", NEW).status_code == 201


def test_a_credential_is_required(db, api):
    assert verdict(api().post("/webhooks", NEW)) == UNAUTHENTICATED


def test_a_cookie_without_its_csrf_token_creates_none(browser_client, alice):
    assert verdict(browser_client(alice).post("/webhooks", NEW)) == forbidden("csrf_failed")


def test_form_values_are_converted_to_their_types(signed_in, alice):
    form = {"url": URL, "event_types": ["class.created", "class.archived"], "class_id": ""}
    response = signed_in(alice).post("/webhooks", form, content_type=MULTIPART_CONTENT)
    webhook = Endpoint.objects.get()
    types = ["class.created", "class.archived"]
    assert response.json() == {**shown(webhook, event_types=types), "secret": response.json()["secret"]}


def test_a_repeated_answer_has_no_secret(api, alice):
    client = api(alice)
    first, second = (client.post("/webhooks", NEW, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (second.status_code, second["Idempotency-Replayed"]) == (201, "true")
    assert second.json() == {**first.json(), "secret": None}
    assert Endpoint.objects.count() == 1


def test_the_secret_is_in_no_other_answer(api, alice):
    client = api(alice)
    created = client.post("/webhooks", NEW).json()
    answers = [client.get("/webhooks"), client.get(f"/webhooks/{created['id']}")]
    assert [created["secret"] in answer.text for answer in answers] == [False, False]


def test_another_webhook_of_the_same_url_is_possible(api, alice):
    new_webhook(alice)
    assert api(alice).post("/webhooks", NEW).status_code == 201
