"""A developer's webhook in a real browser: a test event, a receiver that breaks, the retry, and a replay."""

import re
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

import pytest
from standardwebhooks.webhooks import Webhook

from tutorarc.domain.events import Actor
from tutorarc.jobs.consumers import consume_events
from tutorarc.testing.browser import page_problems, wait_for_headline
from tutorarc.tests.webhooks.expected import answered, new_webhook
from tutorarc.tests.webhooks.receiver import Receiver, with_status
from tutorarc.webhooks.dispatcher import Dispatcher
from tutorarc.webhooks.models import Delivery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    running = Receiver()
    yield running
    running.close()


def work():
    """What a worker would do now."""
    consume_events()
    with ThreadPoolExecutor(2) as executor:
        Dispatcher(executor, 60).run()


def create(page, receiver):
    """Create a webhook, and return its secret."""
    page.goto("/developers/webhooks")
    page.get_by_role("link", name="Create webhook").click()
    page.get_by_label("URL").fill(receiver.url)
    page.get_by_label("Description", exact=True).fill("Timetable sync")
    page.get_by_role("button", name="Create webhook").click()
    secret = page.get_by_label("Secret of").input_value()
    page.get_by_role("link", name="Done, I have copied the secret").click()
    wait_for_headline(page, "Timetable sync")
    return secret


def deliveries(page):
    """The lines of the list after a reload, newest first: event type, what came of it, status."""
    page.get_by_role("link", name="Reload").click()
    page.wait_for_load_state()
    lines = page.locator(".deliveries summary").all_inner_texts()
    return [re.sub(r"\d+ ms", "… ms", " ".join(re.sub(r"\n.*?(·|\n)", r"\n\1", line).split())) for line in lines]


def verified(secret, received):
    """The types of the events that were received, all with a right signature."""
    return [Webhook(secret).verify(request.body, request.headers)["type"] for request in received]


def test_a_webhook_from_its_creation_to_a_replay(browser_page, browser_sign_in, alice, algebra, receiver):
    page = browser_page
    consume_events()
    browser_sign_in(alice)
    secret = create(page, receiver)

    page.get_by_role("button", name="Send test event").click()
    page.get_by_text("A test event is on its way.").wait_for()
    work()
    assert deliveries(page) == ["webhook.test · 204 in … ms Delivered"]
    assert verified(secret, receiver.received) == ["webhook.test"]

    receiver.answer = with_status(500, b"Out of order")
    algebra.archive(Actor(alice))
    work()
    assert deliveries(page)[0] == "class.archived · 500 in … ms Will be retried"
    page.locator(".deliveries summary").first.click()
    page.get_by_text("Out of order").wait_for()
    page.get_by_text("Next attempt").wait_for()

    Delivery.objects.filter(event_type="class.archived").update(status="FAILED", due_at=None, retry_at=None)
    receiver.answer = with_status(204)
    page.get_by_role("link", name="Replay events").click()
    page.get_by_role("button", name="Replay", exact=True).click()
    page.get_by_text(re.compile("sent again")).wait_for()
    work()
    of_the_archived_class = [line for line in deliveries(page) if line.startswith("class.archived")]
    assert of_the_archived_class == ["class.archived · 204 in … ms · 2 attempts Delivered"]
    received = verified(secret, receiver.received)
    assert (received.count("class.archived"), received[-1]) == (2, "class.archived")


def test_every_page_is_accessible_and_fits_the_screen(browser_page, browser_sign_in, alice):
    page = browser_page
    browser_sign_in(alice)
    webhook = new_webhook(alice, event_types=["class.archived", "membership.invited_accepted"])
    sent = [Delivery.objects.send_test(webhook, Actor(alice)) for _ in range(3)]
    answered(sent[0], status=500, body="x" * 2000, error="It answered 500 Internal Server Error.")
    answered(sent[1], status=204)
    pages = ["", "/new", *(f"/{webhook.pk}{name}" for name in ("", "/edit", "/rotate", "/replay", "/delete"))]
    for path in pages:
        page.goto(f"/developers/webhooks{path}")
        for summary in page.locator(".deliveries summary").all():
            summary.click()
        assert (path, page_problems(page)) == (path, [])


def test_without_script_a_webhook_can_be_created_and_deleted(chromium, live_server, client, alice, receiver):
    client.force_login(alice)
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page = context.new_page()
        assert create(page, receiver).startswith("whsec_")
        page.get_by_role("button", name="Disable").click()
        page.get_by_role("button", name="Enable webhook").click()
        page.get_by_role("link", name="Delete").click()
        page.get_by_role("button", name="Delete webhook").click()
        wait_for_headline(page, "Webhooks")
        page.get_by_role("heading", name="No webhooks yet").wait_for()
