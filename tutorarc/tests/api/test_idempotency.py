"""`Idempotency-Key`: a request sent twice is executed once, and its response is replayed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test.client import MULTIPART_CONTENT
from django.utils import timezone

from apikeys.models import ApiKey
from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from sessions.querysets import LiveSessionQuerySet
from sessions.tests.expected import SESSION_BODY
from tutorarc import urls
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.testing.client import (
    NOT_FOUND,
    conflict,
    forbidden,
    invalid,
    invalid_parameter,
    path_of,
    unauthenticated,
    verdict,
)
from tutorarc.testing.events import events_about

FORM = "application/x-www-form-urlencoded"
KEY = {"Idempotency-Key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
OTHER_REQUEST = conflict("idempotency_key_reused")


def post_with_key(client, path, body=None, **headers):
    return client.post(path, body, headers=headers or KEY)


def is_replay(response):
    return response.headers.get("Idempotency-Replayed") == "true"


def assert_replayed(again, first):
    assert not is_replay(first)
    assert is_replay(again)
    assert (again.status_code, again.content) == (first.status_code, first.content)


def assert_done_anew(again, first):
    assert (is_replay(first), is_replay(again)) == (False, False)
    assert again.status_code == first.status_code
    assert again.content != first.content


def work_done():
    """How many changes are on record."""
    return [len(events_about(model)) for model in (Class, Membership, LiveSession, ApiKey)]


SERIES_BODY = SESSION_BODY | {"recurrence": "FREQ=WEEKLY;COUNT=2", "timeZone": "Europe/Berlin"}

# Every POST

# The calls of a key; those that make keys are below, and leaving
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "a live session by /classes": ("/classes", SESSION_BODY),
    "a series by /sessions": ("/sessions", SERIES_BODY),
    "a class by /classes": ("/classes", {"title": "Botany"}),
    "/classes/{class_id}/archive": ("/classes/{algebra}/archive", {}),
    "/classes/{class_id}/unarchive": ("/classes/{archived}/unarchive", {}),
    "/classes/{class_id}/class-code": ("/classes/{algebra}/class-code", {}),
    "/classes/{class_id}/transfer": ("/classes/{shared}/transfer", {"to_user_id": "{dora}"}),
    "/classes/{class_id}/join-request": ("/classes/{algebra}/join-request", {"class_code": "{code}"}),
    "/join-requests": ("/join-requests", {"class_code": "{code}"}),
    "/classes/{class_id}/members": ("/classes/{algebra}/members", {"user_id": "{dora}", "role": "TEACHER"}),
    "/classes/{class_id}/members/approve": ("/classes/{algebra}/members/approve", {"user_ids": ["{pending}"]}),
    "/classes/{class_id}/members/reject": ("/classes/{algebra}/members/reject", {"user_ids": ["{pending}"]}),
    "/classes/{class_id}/members/remove": ("/classes/{algebra}/members/remove", {"user_id": "{approved}"}),
    "/classes/{class_id}/members/reopen": ("/classes/{algebra}/members/reopen", {"user_ids": ["{rejected}"]}),
    "/sessions": ("/sessions", SESSION_BODY),
    "/sessions/{session_id}/cancel": ("/sessions/{session}/cancel", {}),
    "/sessions/{session_id}/end": ("/sessions/{session}/end", {}),
    "/sessions/{session_id}/links/renew": ("/sessions/{session}/links/renew", {}),
}
ELSEWHERE = {
    *("/classes", "/classes/{class_id}/leave", "/api-keys", "/api-keys/{key_id}/rotate"),
    *("/webhooks", "/webhooks/{webhook_id}/rotate", "/webhooks/{webhook_id}/test", "/webhooks/{webhook_id}/replay"),
    *("/webhooks/{webhook_id}/deliveries/{delivery_id}/resend", "/users"),
    *("/classes/{class_id}/invitations", "/classes/{class_id}/invitations/{invitation_id}/resend"),
    "/me/calendar/renew",
}


@pytest.fixture
def prepared(alice, dora, algebra, schedule, make_user, join, known_to):
    """`prepared(call)`: the path and the body, with everything in the state that the call needs."""
    archived = Class.objects.create_with_teacher(Actor(alice), title="Old").archive(Actor(alice))
    known_to(alice, dora)
    shared = Class.objects.create_with_teacher(Actor(alice), title="Shared")
    shared.memberships.enrol(shared, dora, "TEACHER", Actor(alice))
    session = schedule(start_time=timezone.now() + timedelta(days=1))
    names = {"algebra": algebra.pk, "archived": archived.pk, "session": session.pk, "dora": dora.pk}
    names["shared"] = shared.pk
    for status in ("pending", "approved", "rejected"):
        names[status] = make_user(status).pk
        join(algebra, type(dora).objects.get(pk=names[status]), status.upper())
    names["code"] = algebra.class_code

    def filled(value):
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.format(**names) if isinstance(value, str) else value

    def of(call):
        path, body = CALLS[call]
        return filled(path), {name: filled(value) for name, value in body.items()}

    return of


@pytest.mark.parametrize("call", CALLS)
def test_a_repeated_post_is_done_once_and_its_response_replayed(api, alice, bob, prepared, call):
    path, body = prepared(call)
    client = api(bob if "join-request" in call else alice)
    before = work_done()
    first = post_with_key(client, path, body)
    done = work_done()
    again = post_with_key(client, path, body)
    assert first.status_code in (200, 201)
    assert_replayed(again, first)
    assert before != done == work_done()


def test_the_table_lists_every_post():
    routes = [(path_of(route), getattr(route.callback, "actions", None) or {}) for route in urls.v1]
    posts = {path for path, methods in routes if "post" in methods}
    assert {call for call in CALLS if call.startswith("/")} | ELSEWHERE == posts


def test_a_repeated_leave_is_replayed_to_a_former_member(api, bob, algebra, join):
    """Leaving removes the right to leave: a client that got no answer must be able to repeat the request."""
    join(algebra, bob)
    client = api(bob)
    first = post_with_key(client, f"/classes/{algebra.pk}/leave")
    assert first.status_code == 200
    assert_replayed(post_with_key(client, f"/classes/{algebra.pk}/leave"), first)
    assert verdict(client.post(f"/classes/{algebra.pk}/leave")) == forbidden("not_a_member")


def test_a_new_keys_secret_is_not_in_the_replay(signed_in, alice):
    client = signed_in(alice)
    first, again = (post_with_key(client, "/api-keys", {"name": "Mine"}) for _ in range(2))
    assert first.json()["key"].startswith("ta_live_")
    assert (again.status_code, again.json()) == (201, {**first.json(), "key": None})
    assert (is_replay(first), is_replay(again)) == (False, True)
    assert ApiKey.objects.count() == 1


def test_a_rotated_keys_secret_is_not_in_the_replay(signed_in, alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    client = signed_in(alice)
    first, again = (post_with_key(client, f"/api-keys/{key.pk}/rotate", {"overlap_hours": 1}) for _ in range(2))
    assert first.json()["key"].startswith("ta_live_")
    assert (again.status_code, again.json()) == (201, {**first.json(), "key": None})
    assert ApiKey.objects.count() == 2


def test_without_the_header_each_post_is_executed(api, alice):
    client = api(alice)
    assert_done_anew(client.post("/classes", SESSION_BODY), client.post("/classes", SESSION_BODY))
    assert IdempotentReply.objects.count() == 0


def test_another_key_is_another_request(api, alice):
    client = api(alice)
    first, again = (post_with_key(client, "/classes", SESSION_BODY, **{"Idempotency-Key": key}) for key in "ab")
    assert_done_anew(again, first)


# The same request


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/classes", {**SESSION_BODY, "duration": 61}),
        ("/classes", {**SESSION_BODY, "classId": None}),
        ("/classes", ""),
        ("/classes?format=json", SESSION_BODY),
        ("/sessions", SESSION_BODY),
        ("/classes", {}),
    ],
)
def test_another_path_or_body_is_a_conflict_and_does_nothing(api, alice, path, body):
    client = api(alice)
    first = post_with_key(client, "/classes", SESSION_BODY)
    assert verdict(post_with_key(client, path, body)) == OTHER_REQUEST
    assert LiveSession.objects.count() == 1
    assert_replayed(post_with_key(client, "/classes", SESSION_BODY), first)


def test_the_header_is_ignored_for_patch(api, alice, schedule):
    client, made = api(alice), schedule(strict=False)
    for title in ("One", "Two"):
        response = client.patch(f"/sessions/{made.pk}", {"title": title}, headers=KEY)
        assert (is_replay(response), response.json()["data"]["title"]) == (False, title)
    assert IdempotentReply.objects.count() == 0


def test_the_header_is_ignored_for_get(api, alice):
    client = api(alice)
    post_with_key(client, "/sessions", SESSION_BODY)
    assert not is_replay(client.get("/sessions", headers=KEY))


# The same caller


def test_the_keys_of_two_users_are_independent(api, alice, dora):
    first, other = (post_with_key(api(user), "/classes", SESSION_BODY) for user in (alice, dora))
    assert_done_anew(other, first)
    assert [made.created_by for made in LiveSession.objects.order_by("pk")] == [alice, dora]


def test_two_people_may_send_different_requests_with_one_key(api, alice, dora):
    assert post_with_key(api(alice), "/classes", SESSION_BODY).status_code == 200
    assert post_with_key(api(dora), "/classes", {"title": "Botany"}).status_code == 201


def test_a_user_is_the_same_caller_with_another_credential(api, signed_in, alice):
    first = post_with_key(api(alice), "/classes", SESSION_BODY)
    assert_replayed(post_with_key(api(alice), "/classes", SESSION_BODY), first)
    assert_replayed(post_with_key(signed_in(alice), "/classes", SESSION_BODY), first)


# Checked before a replay


def test_a_revoked_key_gets_no_replay(api, alice):
    client = api(alice)
    post_with_key(client, "/classes", SESSION_BODY)
    alice.api_keys.get().revoke(SYSTEM)
    assert verdict(post_with_key(client, "/classes", SESSION_BODY)) == unauthenticated("unknown_key")


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"global_role": "STUDENT"}, forbidden("wrong_role")), ({"is_active": False}, unauthenticated("unknown_key"))],
)
def test_a_user_who_lost_role_or_account_gets_no_replay(api, alice, change, expected):
    client = api(alice)
    post_with_key(client, "/classes", SESSION_BODY)
    type(alice).objects.filter(pk=alice.pk).update(**change)
    assert verdict(post_with_key(client, "/classes", SESSION_BODY)) == expected


@pytest.mark.parametrize(
    ("body", "scope", "lacking"),
    [
        (SESSION_BODY, "classes:write", "sessions:write"),
        ({"title": "Botany"}, "sessions:write", "classes:write"),
        (SESSION_BODY, "sessions:read", "sessions:write or classes:write"),
    ],
)
def test_a_key_without_the_scope_gets_no_replay(api, alice, body, scope, lacking):
    post_with_key(api(alice), "/classes", body)
    response = post_with_key(api(alice, scopes=[scope]), "/classes", body)
    assert verdict(response) == forbidden("missing_scope")
    assert response.json()["error"]["message"] == f"This API key lacks the scope {lacking}."


def test_a_former_class_teacher_gets_the_replay_and_changes_nothing(api, alice, dora, algebra):
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    client = api(alice)
    first = post_with_key(client, f"/classes/{algebra.pk}/archive")
    algebra.unarchive(Actor(dora))
    algebra.memberships.leave(algebra, Actor(alice))
    assert_replayed(post_with_key(client, f"/classes/{algebra.pk}/archive"), first)
    algebra.refresh_from_db()
    assert algebra.status == "ACTIVE"


def test_a_cookie_without_its_csrf_token_gets_no_replay(signed_in, browser_client, alice):
    post_with_key(signed_in(alice), "/classes", SESSION_BODY)
    assert verdict(post_with_key(browser_client(alice), "/classes", SESSION_BODY)) == forbidden("csrf_failed")


def test_a_wrong_query_parameter_is_checked_before_the_key(api, alice):
    assert verdict(post_with_key(api(alice), "/classes?x=1", SESSION_BODY)) == invalid("x", "unknown_parameter")


# What is stored


def test_a_conflict_is_replayed_though_the_state_has_changed(api, alice, algebra):
    client, body = api(alice), {**SESSION_BODY, "classId": algebra.pk}
    algebra.archive(Actor(alice))
    first = post_with_key(client, "/classes", body)
    algebra.unarchive(Actor(alice))
    assert first.status_code == 409
    assert_replayed(post_with_key(client, "/classes", body), first)
    assert post_with_key(client, "/classes", body, **{"Idempotency-Key": "another"}).status_code == 200


def test_a_conflict_is_stored_and_its_transaction_rolled_back(api, alice, monkeypatch):
    schedule = LiveSessionQuerySet.schedule

    def conflict_when_done(*args, **fields):
        schedule(*args, **fields)
        raise Class.Archived()

    monkeypatch.setattr(LiveSessionQuerySet, "schedule", conflict_when_done)
    client = api(alice)
    first = post_with_key(client, "/classes", SESSION_BODY)
    assert verdict(first) == conflict("class_archived")
    assert_replayed(post_with_key(client, "/classes", SESSION_BODY), first)
    assert LiveSession.objects.count() == 0


def test_a_mismatch_is_not_stored_itself(api, alice):
    client = api(alice)
    post_with_key(client, "/classes", SESSION_BODY)
    post_with_key(client, "/classes", {"title": "Botany"})
    assert [reply.status for reply in IdempotentReply.objects.all()] == [200]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ({**SESSION_BODY, "duration": "60"}, "application/json", 400),
        ("{", "application/json", 400),
        ("[]", "application/json", 400),
        ("<title/>", "text/xml", 415),
    ],
)
def test_an_invalid_request_is_not_stored_and_can_be_corrected(api, alice, body, content_type, status):
    client = api(alice)
    wrong = client.post("/classes", body, content_type=content_type, headers=KEY)
    right = post_with_key(client, "/classes", SESSION_BODY)
    assert (wrong.status_code, right.status_code, is_replay(right)) == (status, 200, False)


def test_a_refusal_is_not_stored(api, dora, alice, algebra):
    client, body = api(dora), {**SESSION_BODY, "classId": algebra.pk}
    assert verdict(post_with_key(client, "/classes", body)) == forbidden("not_a_member")
    algebra.memberships.enrol(algebra, dora, "TEACHER", Actor(alice))
    allowed = post_with_key(client, "/classes", body)
    assert (allowed.status_code, is_replay(allowed)) == (200, False)


def test_a_404_is_not_stored(api, alice):
    assert verdict(post_with_key(api(alice), "/sessions/session_abc123/end")) == NOT_FOUND
    assert IdempotentReply.objects.count() == 0


def test_a_throttled_request_is_not_stored(api, bob, algebra, half_past_nine, time_machine):
    client = api(bob)
    for number in range(10):
        wrong = post_with_key(client, "/join-requests", {"class_code": "ALGE-0000"}, **{"Idempotency-Key": str(number)})
        assert verdict(wrong) == invalid("class_code", "wrong_code")
    right = {"class_code": algebra.class_code}
    assert post_with_key(client, "/join-requests", right).status_code == 429
    assert IdempotentReply.objects.count() == 0
    time_machine.move_to("2026-03-14T09:31:06Z", tick=False)
    joined = post_with_key(client, "/join-requests", right)
    assert (joined.status_code, is_replay(joined)) == (201, False)


@pytest.mark.parametrize(("fault", "status"), [(RuntimeError("boom"), 500), (OperationalError("gone"), 503)])
def test_a_failed_attempt_is_rolled_back_and_can_be_repeated(api, alice, monkeypatch, fault, status):
    client = api(alice)
    schedule = LiveSessionQuerySet.schedule

    def fail_when_done(*args, **fields):
        schedule(*args, **fields)
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(LiveSessionQuerySet, "schedule", fail_when_done)
        assert post_with_key(client, "/classes", SESSION_BODY).status_code == status
    assert (LiveSession.objects.count(), IdempotentReply.objects.count()) == (0, 0)
    again = post_with_key(client, "/classes", SESSION_BODY)
    assert (again.status_code, is_replay(again), LiveSession.objects.count()) == (200, False, 1)


# For a day


def test_a_response_is_replayed_for_a_day_only(api, alice, half_past_nine, time_machine):
    client = api(alice)
    first = post_with_key(client, "/classes", SESSION_BODY)
    a_day_later = timezone.now() + timedelta(hours=24)
    time_machine.move_to(a_day_later - timedelta(seconds=1), tick=False)
    assert_replayed(post_with_key(client, "/classes", SESSION_BODY), first)
    time_machine.move_to(a_day_later, tick=False)
    anew = post_with_key(client, "/classes", SESSION_BODY)
    assert_done_anew(anew, first)
    time_machine.move_to(a_day_later + timedelta(hours=23), tick=False)
    assert_replayed(post_with_key(client, "/classes", SESSION_BODY), anew)


def test_after_a_day_a_key_is_free_for_another_request(api, alice, half_past_nine, time_machine):
    client = api(alice)
    post_with_key(client, "/classes", SESSION_BODY)
    time_machine.move_to(timezone.now() + timedelta(hours=24), tick=False)
    assert post_with_key(client, "/classes", {"title": "Botany"}).status_code == 201
    assert verdict(post_with_key(client, "/classes", SESSION_BODY)) == OTHER_REQUEST


# The key itself


@pytest.mark.parametrize("key", ["x", "x" * 255, "two words", "!~\"'%;--", "0"])
def test_a_key_has_1_to_255_printable_characters(api, alice, key):
    client = api(alice)
    first, again = (post_with_key(client, "/classes", SESSION_BODY, **{"Idempotency-Key": key}) for _ in range(2))
    assert_replayed(again, first)


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb", "a\x7fb", "a\0b"])
def test_any_other_key_is_refused_and_nothing_done(api, alice, key):
    response = post_with_key(api(alice), "/classes", SESSION_BODY, **{"Idempotency-Key": key})
    assert verdict(response) == invalid_parameter("Idempotency-Key")
    assert LiveSession.objects.count() == 0


def test_a_response_that_no_secret_key_can_read_is_not_replayed_and_the_request_not_repeated(api, alice, settings):
    client = api(alice)
    post_with_key(client, "/classes", {"title": "Algebra"})
    settings.SECRET_KEY = "another"
    again = post_with_key(client, "/classes", {"title": "Algebra"})
    assert (verdict(again), Class.objects.count()) == (conflict("response_unreadable"), 1)


def test_a_response_that_the_previous_version_stored_is_replayed(api, alice):
    client = api(alice)
    first = post_with_key(client, "/classes", {"title": "Algebra"})
    IdempotentReply.objects.update(answer=first.content.decode())
    assert_replayed(post_with_key(client, "/classes", {"title": "Algebra"}), first)


def test_keys_are_case_sensitive(api, alice):
    client = api(alice)
    first, other = (
        post_with_key(client, "/classes", SESSION_BODY, **{"Idempotency-Key": key}) for key in ("key", "KEY")
    )
    assert_done_anew(other, first)


# Forms


@pytest.mark.parametrize("content_type", [MULTIPART_CONTENT, FORM])
@pytest.mark.parametrize("token_in", ["header", "form"])
def test_a_form_sent_twice_is_done_once(signed_in, browser_client, alice, content_type, token_in):
    client, token = signed_in(alice), "0123456789abcdef0123456789abcdef"
    form = {**SESSION_BODY, "duration": "60", "strict": "true"}
    if token_in == "form":
        client, form = browser_client(alice), {**form, "csrfmiddlewaretoken": token}
        client.cookies["csrftoken"] = token
    body = form if content_type is MULTIPART_CONTENT else "&".join(f"{name}={value}" for name, value in form.items())
    first, again = (client.post("/classes", body, content_type=content_type, headers=KEY) for _ in range(2))
    assert first.status_code == 200
    assert_replayed(again, first)
    assert LiveSession.objects.count() == 1


def test_a_form_with_another_value_is_another_request(signed_in, alice):
    client = signed_in(alice)
    statuses = [
        client.post("/classes", {"title": title}, content_type=MULTIPART_CONTENT, headers=KEY).status_code
        for title in ("One", "Two")
    ]
    assert statuses == [201, 409]
