"""The developer page of one webhook: its deliveries, and the buttons that change it."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from apikeys.tests.developer_page import errors, token
from tutorarc.domain.events import Actor
from tutorarc.tests.webhooks.expected import URL, answered, new_webhook
from tutorarc.webhooks.models import Delivery, Endpoint


@pytest.fixture
def browser(client, alice):
    """Alice's browser."""
    client.force_login(alice)
    return client


@pytest.fixture
def webhook(alice):
    return new_webhook(alice, description="Sync")


@pytest.fixture
def press(browser, webhook):
    """`press("test")` sends that form, and gives the messages of the page that follows."""

    def post(page, **fields):
        response = browser.post(path(webhook, page), fields)
        assert (response.status_code, response["Location"]) == (302, path(webhook))
        return [str(message) for message in get_messages(browser.get(path(webhook)).wsgi_request)]

    return post


def path(webhook, page=""):
    return f"/developers/webhooks/{webhook.pk}{f'/{page}' if page else ''}"


def planned(webhook, alice, count=1):
    return [Delivery.objects.send_test(webhook, Actor(alice)) for _ in range(count)]


def test_it_shows_what_is_sent_where(browser, alice, algebra):
    webhook = new_webhook(alice, event_types=["class.archived"], class_id=algebra.pk)
    page = browser.get(path(webhook)).text
    shown = [URL, '<code title="Class archived">class.archived</code>', f"Algebra ({algebra.class_code})", "Active"]
    assert [words for words in shown if words not in page] == []


def test_deliveries_are_shown_with_status_duration_and_answer(browser, alice, webhook):
    for answer in ({"status": 204}, {"status": 500, "body": "<b>Oops</b>", "error": "The answer was 500."}):
        answered(planned(webhook, alice)[0], **answer)
    answered(planned(webhook, alice)[0], error="No connection could be made.")
    planned(webhook, alice)
    page = browser.get(path(webhook))
    badges = [badge.text for _, badge in page.context["deliveries"]]
    assert badges == ["Waiting", "Failed", "Failed", "Delivered"]
    shown = ["204 in 87 ms", "500 in 87 ms", "The answer was 500.", "&lt;b&gt;Oops&lt;/b&gt;", "no answer"]
    assert [words for words in shown if words not in page.text] == []


def test_a_delivery_that_is_tried_again_says_so(browser, alice, webhook):
    [delivery] = planned(webhook, alice)
    Delivery.objects.filter(pk=delivery.pk).update(event_type="class.created")
    answered(Delivery.objects.get(), status=500, error="The answer was 500.")
    [(_, badge)] = browser.get(path(webhook)).context["deliveries"]
    assert badge.text == "Will be retried"


def test_deliveries_beyond_twenty_are_on_further_pages(browser, alice, webhook, django_assert_num_queries):
    rows = planned(webhook, alice, 21)[::-1]
    with django_assert_num_queries(4):  # session, person, webhook, deliveries
        first = browser.get(path(webhook))
    second = browser.get(path(webhook), {"before": first.context["older"]})
    shown = [[delivery.pk for delivery, _ in page.context["deliveries"]] for page in (first, second)]
    assert shown == [[row.pk for row in rows[:20]], [rows[20].pk]]
    assert second.context["older"] == ""


def test_a_malformed_start_of_a_page_is_not_found(browser, webhook):
    assert browser.get(path(webhook), {"before": "x"}).status_code == 404


def test_a_test_event_is_sent(press, webhook):
    assert press("test") == ["A test event is on its way. Reload this page in a moment to see the answer."]
    assert webhook.deliveries.get().due_at is not None


def test_a_delivery_is_sent_again(press, alice, webhook):
    [delivery] = planned(webhook, alice)
    answered(delivery, status=204)
    press(f"deliveries/{delivery.pk}/resend")
    delivery.refresh_from_db()
    assert (delivery.status, delivery.due_at is None) == (Delivery.Status.PENDING, False)


def test_a_delivery_of_another_webhook_is_not_found(browser, alice, webhook):
    [delivery] = planned(new_webhook(alice), alice)
    for name in (delivery.pk, "dlv_1"):
        assert browser.post(path(webhook, f"deliveries/{name}/resend")).status_code == 404


def test_it_is_disabled_and_enabled_at_once(browser, press, alice, webhook):
    planned(webhook, alice)
    assert press("disable") == ["Disabled. Nothing is sent until you enable it again."]
    page = browser.get(path(webhook)).text
    assert "Disabled by its owner. Nothing has been sent since" in page
    assert "Send test event" not in page
    assert Delivery.objects.get().status == Delivery.Status.CANCELLED
    press("enable")
    assert Endpoint.objects.get().is_active


@pytest.mark.parametrize("page", ["test", "deliveries/{}/resend", "replay"])
def test_nothing_is_sent_to_a_disabled_webhook(press, alice, webhook, page):
    [delivery] = planned(webhook, alice)
    webhook.disable(Actor(alice))
    assert press(page.format(delivery.pk), span="1") == [Endpoint.Disabled.message]
    assert Delivery.objects.pending().count() == 0


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "Nothing was missed in this time."),
        (1, "One event is sent again."),
        (2, "2 events are sent again, in their order."),
    ],
)
def test_a_replay_says_how_many_events_are_sent_again(press, webhook, monkeypatch, count, words):
    asked = []
    monkeypatch.setattr(Delivery.objects.__class__, "replay", lambda _, *args: asked.append(args) or count)
    assert press("replay", span="168") == [words]
    [(replayed, actor, since)] = asked
    assert (replayed, actor.user) == (webhook, webhook.owner)
    assert timedelta(days=7) <= timezone.now() - since < timedelta(days=7, minutes=1)


def test_every_span_of_a_replay_is_possible(press, browser, webhook):
    for span, _ in browser.get(path(webhook, "replay")).context["form"].fields["span"].choices:
        assert press("replay", span=span) == ["Nothing was missed in this time."]


def test_a_replay_needs_a_span(browser, webhook):
    response = browser.post(path(webhook, "replay"), {"span": "1000000"})
    assert (response.status_code, list(errors(response))) == (400, ["span"])


def test_it_can_be_edited(browser, press, webhook):
    shown = browser.get(path(webhook, "edit")).context["form"]
    assert (shown["url"].value(), shown["description"].value(), shown["event_types"].value()) == (URL, "Sync", [])
    assert press("edit", url="https://elsewhere.example", description="", event_types="class.created") == ["Saved."]
    webhook.refresh_from_db()
    changed = (webhook.url, webhook.description, webhook.event_types)
    assert changed == ("https://elsewhere.example", "", ["class.created"])


def test_a_wrong_url_is_not_saved(browser, webhook):
    response = browser.post(path(webhook, "edit"), {"url": "https://10.0.0.1"})
    assert (response.status_code, list(errors(response))) == (400, ["url"])
    assert Endpoint.objects.get().url == URL


@pytest.mark.parametrize(("overlap", "secrets"), [("0", 1), ("24", 2)])
def test_its_secret_can_be_rotated(browser, webhook, overlap, secrets):
    [old] = webhook.signing_secrets()
    address = path(webhook, "rotate")
    response = browser.post(address, {"token": token(browser, address), "overlap": overlap})
    webhook.refresh_from_db()
    assert (response.status_code, len(webhook.signing_secrets())) == (200, secrets)
    assert webhook.signing_secrets()[0] == response.context["secret"] != old
    assert ("is no longer used" in response.text) == (secrets == 1)
    assert ("Old secret used until" in browser.get(path(webhook)).text) == (secrets == 2)


def test_deleting_asks_first(browser, webhook):
    page = browser.get(path(webhook, "delete"))
    assert "This can’t be undone." in page.text
    assert Endpoint.objects.exists()
    response = browser.post(path(webhook, "delete"))
    assert (response.status_code, response["Location"]) == (302, "/developers/webhooks")
    assert not Endpoint.objects.exists()


def test_a_pause_is_shown_and_a_test_event_ends_it(browser, press, webhook):
    words = "Nothing is sent until"
    assert words not in browser.get(path(webhook)).text
    Endpoint.objects.filter(pk=webhook.pk).update(paused_until=timezone.now() + timedelta(hours=1))
    assert words in browser.get(path(webhook)).text
    press("test")
    assert words not in browser.get(path(webhook)).text


def test_sending_again_ends_a_pause(press, alice, webhook):
    [delivery] = planned(webhook, alice)
    Endpoint.objects.filter(pk=webhook.pk).update(paused_until=timezone.now() + timedelta(hours=1))
    press(f"deliveries/{delivery.pk}/resend")
    assert Endpoint.objects.get().paused_until is None
