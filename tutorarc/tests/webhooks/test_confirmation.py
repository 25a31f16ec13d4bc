"""Before events are sent somewhere else, the password is asked for again if the sign-in is 15 minutes old."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apikeys.tests.developer_page import token
from tutorarc.domain.events import Actor
from tutorarc.testing.client import forbidden, verdict
from tutorarc.tests.http.test_confirmation import CONFIRM, PASSWORD, REQUIRED
from tutorarc.tests.webhooks.expected import URL, new_webhook
from tutorarc.webhooks.models import Endpoint

ELSEWHERE = "https://elsewhere.example"
PAGE = "/developers/webhooks"


@pytest.fixture
def later(time_machine):
    return lambda: time_machine.move_to(timezone.now() + timedelta(minutes=15), tick=False)


@pytest.fixture
def erin(make_user):
    return make_user("Erin", "TEACHER", password=PASSWORD)


@pytest.mark.parametrize(
    ("method", "path"), [("post", "/webhooks"), ("patch", "/webhooks/{}"), ("post", "/webhooks/{}/rotate")]
)
def test_with_the_cookie_the_api_refuses(signed_in, api, erin, later, method, path):
    path, client, program = path.format(new_webhook(erin).pk), signed_in(erin), api(erin)
    later()
    body = {} if path.endswith("rotate") else {"url": ELSEWHERE}
    assert verdict(getattr(client, method)(path, body)) == REQUIRED == forbidden("confirmation_required")
    assert Endpoint.objects.values_list("url", flat=True).get() == URL
    assert getattr(program, method)(path, body).status_code < 300  # with a key


def test_reading_and_sending_again_need_no_confirmation(signed_in, erin, later):
    webhook, client = new_webhook(erin), signed_in(erin)
    later()
    assert client.get("/webhooks").status_code == 200
    assert client.post(f"/webhooks/{webhook.pk}/test").status_code == 200
    assert client.delete(f"/webhooks/{webhook.pk}").status_code == 204


def test_the_page_asks_and_then_carries_out_what_was_sent(client, erin, later):
    client.force_login(erin)
    form = {"token": token(client, f"{PAGE}/new"), "url": URL}
    later()
    asked = client.post(f"{PAGE}/new", form)
    assert (asked["Location"], Endpoint.objects.count()) == (f"{CONFIRM}?next=%2Fdevelopers%2Fwebhooks%2Fnew", 0)
    shown = client.post(asked["Location"], {"password": PASSWORD})
    assert (shown.status_code, Endpoint.objects.get().url) == (200, URL)
    assert shown.context["secret"] in shown.text


def test_enabling_asks_only_if_the_owner_gained_rights(client, erin, later):
    client.force_login(erin)
    ours, promoted = new_webhook(erin), new_webhook(erin)
    ours.disable(Actor(erin))
    promoted.stop(Endpoint.DisabledReason.OWNER_GAINED_RIGHTS)
    later()
    asked = [client.post(f"{PAGE}/{webhook.pk}/enable")["Location"] for webhook in (ours, promoted)]
    assert (asked[0], asked[1].startswith(CONFIRM)) == (f"{PAGE}/{ours.pk}", True)
    assert Endpoint.objects.values_list("state", flat=True).get(pk=promoted.pk) == "DISABLED"
    client.post(asked[1], {"password": PASSWORD})
    assert Endpoint.objects.values_list("state", flat=True).get(pk=promoted.pk) == "ACTIVE"


def test_an_edit_and_a_rotation_ask_too(client, erin, later):
    client.force_login(erin)
    webhook = new_webhook(erin)
    path = f"{PAGE}/{webhook.pk}"
    rotation = {"token": token(client, f"{path}/rotate"), "overlap": "0"}
    later()
    asked = [client.post(f"{path}/edit", {"url": ELSEWHERE}), client.post(f"{path}/rotate", rotation)]
    assert [response["Location"].startswith(CONFIRM) for response in asked] == [True, True]
    kept = Endpoint.objects.get()
    assert (kept.url, kept.secret) == (URL, webhook.secret)
