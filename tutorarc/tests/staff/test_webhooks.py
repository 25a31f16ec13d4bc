"""Webhooks and their deliveries in the admin site: to see, and to disable."""

import re

import pytest

from tutorarc.domain.events import Actor
from tutorarc.tests.staff.admin_site import Site
from tutorarc.tests.webhooks.expected import new_webhook
from tutorarc.webhooks.models import Delivery, Endpoint

KIND = "webhooks_endpoint"


@pytest.fixture
def endpoint(alice):
    made, secret = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/hook?token=T0PS3CRET")
    made.secrets = [secret, made.secret]
    return made


@pytest.fixture
def delivery(alice, endpoint):
    made = Delivery.objects.send_test(endpoint, Actor(alice))
    Delivery.objects.update(response_body="T0PS3CRET", error="It answered 500 Internal Server Error.")
    return made


def test_lists_and_pages_show_no_secret(site, root, endpoint, delivery):
    deliveries = Site(root, "webhooks_delivery")
    exports = [b"".join(each.get(each.address("export")).streaming_content).decode() for each in (site, deliveries)]
    pages = [site.listing(), site.page(endpoint.pk), deliveries.listing(), deliveries.page(delivery.pk)]
    for text in [*exports, *(page.content.decode() for page in pages)]:
        assert "https://example.org" in text or "It answered 500" in text
        assert [secret for secret in ("T0PS3CRET", *endpoint.secrets) if secret in text] == []


@pytest.mark.parametrize("kind", ["webhooks_endpoint", "webhooks_delivery"])
@pytest.mark.parametrize("count", [1, 20])
def test_a_list_costs_four_statements(root, alice, endpoint, kind, count, django_assert_num_queries):
    Endpoint.objects.bulk_create([Endpoint(owner=alice, url=endpoint.url, secret="x") for _ in range(count - 1)])
    for row in Endpoint.objects.all():
        Delivery.objects.send_test(row, Actor(alice))
    site = Site(root, kind)
    with django_assert_num_queries(4):  # session, person, number, rows
        assert len(site.rows()) == count


def test_a_webhook_is_disabled(site, endpoint):
    assert site.act("disable", [endpoint], sure="yes") == ["Webhook disabled."]
    row = Endpoint.objects.get()
    assert (row.state, row.disabled_reason) == ("DISABLED", "STAFF")
    assert site.act("disable", [endpoint], sure="yes") == ["0 of 1 webhooks disabled.", "1 was already disabled."]


def test_nothing_can_be_changed_added_or_deleted(site, root, endpoint, delivery):
    deliveries = Site(root, "webhooks_delivery")
    before = list(Endpoint.objects.values()), list(Delivery.objects.values())
    statuses = [
        site.change(endpoint.pk, url="https://evil.example/").status_code,
        site.add(url="https://evil.example/").status_code,
        site.post(site.address("delete", endpoint.pk), {"post": "yes"}).status_code,
        deliveries.change(delivery.pk, status="SUCCEEDED").status_code,
        deliveries.add(status="SUCCEEDED").status_code,
    ]
    assert statuses == [302, 403, 403, 403, 403]
    assert (list(Endpoint.objects.values()), list(Delivery.objects.values())) == before


def test_the_form_of_a_person_lists_the_webhooks_that_a_promotion_disables(root, alice):
    active = new_webhook(alice)
    new_webhook(alice).disable(Actor(alice))
    page = Site(root, "tutorarc_user").page(alice.pk).text
    assert re.findall("the webhook to [^<]*", page) == [
        f"the webhook to {active.host}, until the person enables it again"
    ]
