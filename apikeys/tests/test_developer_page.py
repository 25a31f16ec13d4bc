"""The developer page for API keys."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils import timezone

from apikeys import secrets
from apikeys.models import ApiKey
from apikeys.one_time_form import FORM_LIFETIME, SALT
from apikeys.scope_words import in_words
from apikeys.tests.developer_page import NEW, PAGE, errors, token
from tutorarc.api.scopes import SCOPES
from tutorarc.domain.events import Actor
from tutorarc.http.session_store import SessionStore
from tutorarc.models import Event
from tutorarc.models.idempotent_reply import REPLY_LIFETIME, IdempotentReply
from tutorarc.testing.events import events_of


@pytest.fixture
def browser(client, alice):
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def key(alice):
    made, _ = ApiKey.objects.issue(alice, Actor(alice), name="Timetable", scopes=["sessions:write"])
    return made


def filled(client, **fields):
    return {"token": token(client), "name": "Sync", "access": "all", "life": "never"} | fields


@pytest.mark.parametrize("path", [NEW, f"{PAGE}/key_01h455vb4pex5vsknk084sn02q/rotate", f"{PAGE}/x/revoke"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_asks_for_a_sign_in_first(client, db, path, method):
    response = getattr(client, method)(path)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={path}")


def test_an_api_key_in_the_header_is_not_accepted(client, alice):
    _, secret = ApiKey.objects.issue(alice, Actor(alice))
    assert client.get(PAGE, headers={"X-API-Key": secret}).status_code == 302


def test_it_lists_the_users_own_keys_newest_first_with_their_state(browser, alice, bob, time_machine):
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, tzinfo=UTC), tick=False)
    by, now = Actor(alice), timezone.now()
    ApiKey.objects.issue(alice, by, name="expired", expires_at=now + timedelta(hours=1))
    time_machine.shift(7200)
    ApiKey.objects.issue(alice, by, name="revoked")[0].revoke(by)
    ApiKey.objects.issue(alice, by, name="soon", expires_at=now + timedelta(days=2))
    ApiKey.objects.issue(alice, by, name="active")[0].touch()
    ApiKey.objects.issue(bob, Actor(bob), name="Bob's")
    page = browser.get(PAGE)
    assert shown(page, "rows") == [("active", ("good", "Active")), ("soon", ("warn", "Expires soon"))]
    assert shown(page, "closed") == [("revoked", ("plain", "Revoked")), ("expired", ("plain", "Expired"))]
    assert "<summary>Revoked and expired (2)</summary>" in page.text


def shown(page, name):
    return [(row.key.name, row.badge) for row in page.context[name]]


def test_both_halves_of_a_rotation_are_one_row(browser, alice, key):
    second, _ = key.rotate(Actor(alice), timedelta(hours=1))
    third, _ = second.rotate(Actor(alice), timedelta(hours=2))
    page = browser.get(PAGE)
    assert [(row.key, row.former) for row in page.context["rows"]] == [(third, [second, key])]
    assert f'href="{PAGE}/{second.pk}/revoke"' in page.text


def test_a_rotated_key_is_among_the_closed_ones_when_its_overlap_ends(browser, alice, key):
    second, _ = key.rotate(Actor(alice), timedelta(0))
    page = browser.get(PAGE)
    assert [(row.key, row.former) for row in page.context["rows"]] == [(second, [])]
    assert [row.key for row in page.context["closed"]] == [key]


def test_without_a_key_the_page_offers_to_create_one(browser):
    page = browser.get(PAGE).text
    assert page.count(f'href="{NEW}">Create key</a>') == 2
    assert "No keys yet" in page
    assert "Revoked and expired" not in page


def test_a_row_shows_the_hint_the_scopes_and_the_times(browser, key, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=3), tick=False)
    key.touch()
    page = browser.get(PAGE).content.decode()
    assert key.hint in page
    assert "<dd>Lessons: write</dd>" in page
    assert f'datetime="{key.created_at:%Y-%m-%dT%H:%M:%SZ}"' in page
    assert f'datetime="{key.last_used_at:%Y-%m-%dT%H:%M:%SZ}"' in page


def test_closed_keys_beyond_twenty_are_on_further_pages(browser, alice, django_assert_num_queries):
    for number in range(21):
        ApiKey.objects.issue(alice, Actor(alice), name=f"Key {number}")[0].revoke(Actor(alice))
    ApiKey.objects.issue(alice, Actor(alice))
    with django_assert_num_queries(5):  # session, person, keys that work, count and page of the others
        assert len(browser.get(PAGE).context["closed"]) == 20
    assert [row.key.name for row in browser.get(PAGE, {"page": "2"}).context["closed"]] == ["Key 0"]


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        (list(SCOPES), "Everything"),
        (["members:write", "classes:read", "classes:write"], "Classes: read and write · People: write"),
        (["events:read"], "Events: read"),
    ],
)
def test_scopes_are_in_words(scopes, words):
    assert in_words(scopes) == words


def test_a_new_key_is_offered_every_scope_by_resource_and_none_is_chosen(browser):
    form = browser.get(NEW).context["form"]
    groups = form.scope_groups()
    assert (form["access"].value(), form["scopes"].value()) == (None, None)
    assert [(title, [box.data["value"] for box in boxes]) for title, boxes in groups] == [
        ("Classes", ["classes:read", "classes:write"]),
        ("People", ["members:read", "members:write"]),
        ("Lessons", ["sessions:read", "sessions:write"]),
        ("Events", ["events:read"]),
        ("Webhooks", ["webhooks:read", "webhooks:write"]),
        ("Accounts (administrators only)", ["users:read", "users:write"]),
    ]


def test_a_new_key_shows_its_secret_once(browser, alice):
    response = browser.post(NEW, filled(browser))
    [made] = ApiKey.objects.filter(owner=alice)
    secret = response.context["secret"]
    assert response.status_code == 200
    assert (made.name, made.scopes, made.expires_at) == ("Sync", list(SCOPES), None)
    assert made.digest == secrets.digest(secret)
    assert f'readonly value="{secret}"' in response.content.decode()
    assert secret not in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("access", "scopes"),
    [
        ("read", ["classes:read", "members:read", "sessions:read", "events:read", "webhooks:read", "users:read"]),
        ("all", list(SCOPES)),
        ("chosen", ["classes:write", "events:read"]),
    ],
)
def test_boxes_that_were_ticked_count_only_where_scopes_are_chosen(browser, alice, access, scopes):
    browser.post(NEW, filled(browser, access=access, scopes=["classes:write", "events:read"]))
    assert ApiKey.objects.get(owner=alice).scopes == scopes


def test_it_is_recorded_with_its_actor(browser, alice):
    browser.post(NEW, filled(browser))
    [event] = events_of(ApiKey.objects.get(owner=alice))
    assert (event.actor_user_id, event.actor_key_id, event.type) == (alice.pk, None, "api_key.created")


@pytest.mark.parametrize(("choice", "days"), [({"life": "30"}, 30), ({"life": "90"}, 90), ({"life": "365"}, 365)])
def test_it_expires_after_the_chosen_days(browser, alice, half_past_nine, choice, days):
    browser.post(NEW, filled(browser, **choice))
    assert ApiKey.objects.get(owner=alice).expires_at == timezone.now() + timedelta(days=days)


def test_ninety_days_are_chosen_at_first_and_a_key_without_an_end_is_a_choice(browser):
    life = browser.get(NEW).context["form"]["life"]
    assert (life.value(), [value for value, _ in life.field.choices]) == ("90", ["30", "90", "365", "date", "never"])


def test_the_expiry_date_is_the_last_day_of_use(browser, alice, half_past_nine):
    browser.post(NEW, filled(browser, life="date", last_day="2026-03-14"))
    assert ApiKey.objects.get(owner=alice).expires_at == datetime(2026, 3, 14, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"access": ""}, "access"),
        ({"access": "everything"}, "access"),
        ({"access": "chosen"}, "scopes"),
        ({"access": "chosen", "scopes": ["classes:burn"]}, "scopes"),
        ({"life": "7"}, "life"),
        ({"life": ""}, "life"),
        ({"life": "date"}, "last_day"),
        ({"life": "date", "last_day": "soon"}, "last_day"),
        ({"life": "date", "last_day": "2026-03-13"}, "last_day"),
        ({"life": "never", "last_day": "2027-03-13"}, "last_day"),
        ({"token": ""}, "token"),
        ({"token": "made:up:token"}, "token"),
    ],
)
def test_errors_are_shown_beside_their_field_and_no_key_is_created(browser, half_past_nine, wrong, field):
    response = browser.post(NEW, filled(browser, **wrong))
    assert (response.status_code, list(errors(response))) == (400, [field])
    assert not ApiKey.objects.exists()
    assert errors(response)[field][0] in response.content.decode()


def test_the_form_can_be_corrected_and_sent_again(browser):
    first = filled(browser, name="")
    browser.post(NEW, first)
    assert browser.post(NEW, first | {"name": "Sync"}).status_code == 200
    assert ApiKey.objects.count() == 1


def test_the_shown_once_page_is_not_cached_and_replaces_its_url_with_the_lists(browser):
    response = browser.post(NEW, filled(browser))
    assert "no-store" in response["Cache-Control"]
    assert f'data-address="{PAGE}"' in response.content.decode()


def test_reloading_it_creates_no_second_key_and_says_so(browser):
    form = filled(browser)
    secret = browser.post(NEW, form).context["secret"]
    again = browser.post(NEW, form)
    assert (again.status_code, ApiKey.objects.count()) == (409, 1)
    assert "no second key was created" in again.content.decode()
    assert secret not in again.content.decode()


def test_a_form_token_already_used_as_an_idempotency_key_creates_no_key(browser, alice):
    form = filled(browser)
    token = signing.TimestampSigner(salt=SALT).unsign(form["token"])
    IdempotentReply.objects.claim(alice, f"form {token}", "another request")
    assert (browser.post(NEW, form).status_code, ApiKey.objects.count()) == (409, 0)


def test_a_form_older_than_its_stored_response_cannot_be_sent_again(browser, time_machine):
    """Replies are kept for a day, and a token dies before that."""
    assert FORM_LIFETIME < REPLY_LIFETIME
    time_machine.move_to(datetime(2026, 3, 14, 9, 30, tzinfo=UTC), tick=False)
    form = filled(browser)
    browser.post(NEW, form)
    time_machine.shift(REPLY_LIFETIME + timedelta(minutes=1))
    stale = browser.post(NEW, form)
    assert (stale.status_code, ApiKey.objects.count()) == (400, 1)
    assert errors(stale) == {"token": ["This page was open for too long. Send the form again."]}
    fresh = form | {"token": stale.context["form"]["token"].value()}
    assert browser.post(NEW, fresh).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_concurrent_duplicates_create_one_key(alice, run_together):
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        browser.force_login(alice)
    form = filled(browsers[0])
    answers = run_together([lambda browser=browser: browser.post(NEW, form) for browser in browsers])
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert ApiKey.objects.count() == 1


def test_the_sample_call_is_ready_to_paste_and_works(browser, client, alice, time_machine):
    time_machine.move_to(datetime(2026, 3, 20, 9, 20, tzinfo=UTC))
    page = browser.post(NEW, filled(browser))
    call, secret = page.context["call"], page.context["secret"]
    head, _, body = call.partition("-d '")
    assert head.split("\\\n") == [
        'curl -X POST "http://testserver/api/v1/classes" ',
        f'-H "X-API-Key: {secret}" ',
        '-H "Content-Type: application/json" ',
        "",
    ]
    sent = json.loads(body.removesuffix("'"))
    assert sent == {
        "title": "Introduction to Calculus",
        "startTime": "2026-03-20T10:00:00Z",
        "duration": 60,
        "strict": True,
        "teacherId": "teacher_123",
    }
    answer = Client().post("/api/v1/classes", sent, content_type="application/json", headers={"X-API-Key": secret})
    assert (answer.status_code, answer.json()["status"]) == (200, "success")


def test_the_sample_call_is_at_the_public_address(browser, settings):
    settings.PUBLIC_URL = "https://school.example"
    call = browser.post(NEW, filled(browser)).context["call"]
    assert call.startswith('curl -X POST "https://school.example/api/v1/classes" ')


@pytest.mark.parametrize(("who", "scopes"), [("bob", list(SCOPES)), ("alice", ["classes:read"])])
def test_a_key_without_the_session_scope_gets_a_sample_call_that_works(client, request, who, scopes):
    client.force_login(request.getfixturevalue(who))
    page = client.post(NEW, filled(client, access="chosen", scopes=scopes))
    assert page.context["call"].startswith('curl "http://testserver/api/v1/me"')
    assert Client().get("/api/v1/me", headers={"X-API-Key": page.context["secret"]}).status_code == 200


def test_the_secret_is_stored_nowhere(browser, caplog):
    caplog.set_level(logging.DEBUG)
    response = browser.post(NEW, filled(browser))
    secret = response.context["secret"]
    kept = [str(SessionStore(Session.objects.get().pk).load()), str(list(IdempotentReply.objects.values()))]
    kept += [str(list(ApiKey.objects.values())), str(list(Event.objects.values())), str(response.cookies)]
    assert not [text for text in [*kept, caplog.text] if secret in text]


def test_each_form_has_its_own_signed_token(browser):
    first, second = token(browser), token(browser)
    assert first != second
    assert re.fullmatch(r"\w{22}", signing.TimestampSigner(salt="apikeys.forms").unsign(first))
