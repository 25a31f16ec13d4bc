"""The developer page for webhooks: the list, a new webhook, and its secret, which is shown once."""

import logging
import re

import pytest
from django.contrib.sessions.models import Session
from django.utils.html import strip_tags

from apikeys.tests.developer_page import errors, token
from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.feed.event_words import EVENT_GROUPS
from tutorarc.http.session_store import SessionStore
from tutorarc.models.event_types import PUBLIC_TYPES
from tutorarc.models.idempotent_reply import IdempotentReply
from tutorarc.tests.webhooks.expected import NO_WEBHOOK, URL, new_webhook
from tutorarc.webhooks.models import Endpoint
from tutorarc.webhooks.models.endpoint_queryset import MAX_ENDPOINTS

PAGE = "/developers/webhooks"
NEW = f"{PAGE}/new"
PATHS = ["", "/new", *(f"/{NO_WEBHOOK}{page}" for page in ("", "/edit", "/rotate", "/replay", "/delete"))]
BUTTONS = [f"/{NO_WEBHOOK}/{page}" for page in ("test", "enable", "disable", "deliveries/dlv_1/resend")]


@pytest.fixture
def browser(client, alice):
    """Alice's browser."""
    client.force_login(alice)
    return client


def filled(client, **fields):
    return {"token": token(client, NEW), "url": URL, "description": "", "class_id": ""} | fields


@pytest.mark.parametrize("path", PATHS)
def test_it_asks_for_a_sign_in_first(client, db, path):
    response = client.get(PAGE + path)
    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={PAGE}{path}")


@pytest.mark.parametrize("path", [*PATHS, *BUTTONS])
def test_students_have_no_access(client, bob, path):
    client.force_login(bob)
    assert client.post(PAGE + path).status_code == (405 if path in ("", f"/{NO_WEBHOOK}") else 403)
    assert client.get(PAGE + path).status_code == (405 if path in BUTTONS else 403)


@pytest.mark.parametrize("who", ["dora", "admin"])
@pytest.mark.parametrize("path", ["", "/edit", "/rotate", "/replay", "/delete"])
def test_those_of_others_are_not_found_like_those_that_do_not_exist(request, client, alice, who, path):
    client.force_login(request.getfixturevalue(who))
    ids = (new_webhook(alice).pk, NO_WEBHOOK, "whk_1", "x")
    assert [client.get(f"{PAGE}/{name}{path}").status_code for name in ids] == [404] * 4


@pytest.mark.parametrize("page", ["test", "enable", "disable", "delete", "rotate", "edit", "replay"])
def test_nobody_changes_those_of_others(client, alice, dora, page):
    webhook = new_webhook(alice)
    client.force_login(dora)
    assert client.post(f"{PAGE}/{webhook.pk}/{page}").status_code == 404


def test_it_lists_the_users_own_newest_first_with_their_state(browser, alice, dora):
    gone, failing = new_webhook(alice, description="gone"), new_webhook(alice, event_types=["class.created"])
    Endpoint.objects.filter(pk=failing.pk).update(failing_since=failing.created_at)
    Endpoint.objects.get(pk=gone.pk).stop(Endpoint.DisabledReason.GONE)
    new_webhook(alice, description="active")
    new_webhook(dora)
    page = browser.get(PAGE)
    shown = [(webhook.description, badge.text) for webhook, badge in page.context["rows"]]
    assert shown == [("active", "Active"), ("", "Failing"), ("gone", "Disabled")]
    assert "It answered 410 Gone, which asks for no more events." in page.text


def test_the_list_says_which_get_the_events_of_one_class_only(browser, alice, algebra):
    new_webhook(alice)
    new_webhook(alice, class_id=algebra.pk)
    hints = re.findall(r'<p class="hint">(All events.*?)</p>', browser.get(PAGE).text)
    assert hints == ["All events · only those of one class", "All events"]


@pytest.mark.parametrize("count", [0, 1, 30])
def test_the_list_costs_three_statements(browser, alice, django_assert_num_queries, count):
    for _ in range(count):
        new_webhook(alice)
    with django_assert_num_queries(3):  # session, person, webhooks
        assert len(browser.get(PAGE).context["rows"]) == count


def test_every_event_type_can_be_ticked_once(browser):
    boxes = [box.data["value"] for _, group in browser.get(NEW).context["form"].event_groups() for box in group]
    assert sorted(boxes) == sorted(PUBLIC_TYPES)
    page = browser.get(NEW).text
    assert [
        words for types in EVENT_GROUPS.values() for words in types.values() if f"<span>{words} <" not in page
    ] == []


def test_the_classes_that_one_teaches_can_be_chosen(browser, alice, dora, algebra):
    Class.objects.create_with_teacher(Actor(dora), title="Botany")
    old = Class.objects.create_with_teacher(Actor(alice), title="Old")
    old.archive(Actor(alice))
    choices = browser.get(NEW).context["form"].fields["class_id"].choices
    everything = ("", "All classes and live sessions that I created")
    assert list(choices) == [everything, (algebra.pk, f"Algebra ({algebra.class_code})")]


def test_a_list_of_classes_that_is_cut_says_so(browser, alice, algebra, monkeypatch):
    words = "For another one, use POST /webhooks."
    assert words not in browser.get(NEW).text
    for module in ("classes.webhooks", "apikeys.webhook_forms"):
        monkeypatch.setattr(f"{module}.MAX_CHOICES", 1)
    assert f"The newest 1 classes. {words}" in browser.get(NEW).text


def test_administrators_can_choose_every_class(client, admin, algebra):
    client.force_login(admin)
    choices = client.get(NEW).context["form"].fields["class_id"].choices
    assert [name for name, _ in choices] == ["", algebra.pk]


def test_a_new_webhook_shows_its_secret_once(browser, alice, algebra):
    types = ["class.archived", "membership.approved"]
    response = browser.post(NEW, filled(browser, event_types=types, description="Sync", class_id=algebra.pk))
    [made] = Endpoint.objects.all()
    secret = response.context["secret"]
    assert (response.status_code, made.signing_secrets()) == (200, [secret])
    assert (made.owner, made.url, made.description, made.class_id) == (alice, URL, "Sync", algebra.pk)
    assert made.event_types == types
    assert f'readonly value="{secret}"' in response.text
    assert f'data-address="{PAGE}/{made.pk}"' in response.text
    assert "no-store" in response["Cache-Control"]
    assert secret not in browser.get(f"{PAGE}/{made.pk}").text


def test_without_choices_it_gets_everything(browser):
    browser.post(NEW, filled(browser))
    assert Endpoint.objects.values_list("event_types", "class_id").get() == ([], None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "school.example"}, "url"),
        ({"url": "https://192.168.0.1/"}, "url"),
        ({"url": f"https://school.example/{'x' * 2000}"}, "url"),
        ({"url": "https://school.example/\0"}, "url"),
        ({"description": "x" * 201}, "description"),
        ({"event_types": ["class.burnt"]}, "event_types"),
        ({"class_id": "cls_01h455vb4pex5vsknk084sn02q"}, "class_id"),
        ({"token": "made:up:token"}, "token"),
    ],
)
def test_errors_are_shown_beside_their_field_and_nothing_is_created(browser, wrong, field):
    response = browser.post(NEW, filled(browser, **wrong))
    assert (response.status_code, list(errors(response))) == (400, [field])
    assert errors(response)[field][-1] in strip_tags(response.text).replace("&#x27;", "'")
    assert not Endpoint.objects.exists()


def test_the_class_of_another_teacher_can_not_be_chosen(browser, dora):
    botany = Class.objects.create_with_teacher(Actor(dora), title="Botany")
    response = browser.post(NEW, filled(browser, class_id=botany.pk))
    assert (response.status_code, list(errors(response))) == (400, ["class_id"])


def test_reloading_the_page_with_the_secret_creates_nothing_and_says_so(browser):
    form = filled(browser)
    secret = browser.post(NEW, form).context["secret"]
    again = browser.post(NEW, form)
    assert (again.status_code, Endpoint.objects.count()) == (409, 1)
    assert "nothing was created again" in again.text
    assert secret not in again.text


def test_beyond_the_limit_it_says_so(browser, alice):
    Endpoint.objects.bulk_create(Endpoint(owner=alice, url=URL, secret="x") for _ in range(MAX_ENDPOINTS))
    response = browser.post(NEW, filled(browser))
    assert (response.status_code, response.context["notice"]) == (409, Endpoint.TooMany.message)
    assert [words for words in (Endpoint.TooMany.message, f'value="{URL}"') if words not in response.text] == []
    assert Endpoint.objects.count() == MAX_ENDPOINTS


def test_the_secret_is_stored_nowhere_readable(browser, caplog):
    caplog.set_level(logging.DEBUG)
    secret = browser.post(NEW, filled(browser)).context["secret"]
    kept = [str(SessionStore(Session.objects.get().pk).load()), str(list(IdempotentReply.objects.values()))]
    assert not [text for text in [*kept, str(list(Endpoint.objects.values())), caplog.text] if secret in text]
