"""Notices to the owner of a webhook that fails."""

import pytest

from tutorarc.mail.models import UnwantedKind
from tutorarc.models.signals import webhook_failing
from tutorarc.webhooks.models import Endpoint


@pytest.fixture
def fail(alice):
    """`fail("one.example", reason)`: the webhook at this host fails; with a reason it was disabled."""

    def happen(host, reason=""):
        state = Endpoint.State.DISABLED if reason else Endpoint.State.ACTIVE
        endpoint = Endpoint(owner=alice, url=f"https://{host}/hook", state=state, disabled_reason=reason)
        webhook_failing.send(Endpoint, endpoint=endpoint)

    return happen


def test_a_webhook_that_fails_is_told_to_its_owner(fail, sent_mail, settings):
    settings.PUBLIC_URL = "https://school.example"
    fail("one.example")
    [letter] = sent_mail()
    assert (letter.to, letter.subject) == (["alice@example.org"], "Your webhook at one.example fails")
    assert letter.body.split("\n-- \n")[0] == (
        "Hello Alice,\n\n"
        "- An event could not be delivered to https://one.example/hook, however often it was tried. "
        "Newer ones are still tried.\n\n"
        "Once its receiver is ready, enable the webhook and replay what it missed.\n\n"
        "Your webhooks: https://school.example/developers/webhooks\n\n"
        "TutorArc\n"
    )


def test_a_webhook_that_was_disabled_is_told_with_the_reason(fail, sent_mail):
    fail("one.example", Endpoint.DisabledReason.FAILING)
    [letter] = sent_mail()
    assert letter.subject == "Your webhook at one.example was disabled"
    assert (
        "https://one.example/hook was disabled, and gets no more events. Every delivery failed for 5 days."
        in letter.body
    )


def test_webhooks_that_fail_at_the_same_time_are_one_mail(fail, sent_mail):
    for host in ("one.example", "two.example", "three.example"):
        fail(host)
    assert [letter.subject for letter in sent_mail()] == ["3 of your webhooks fail"]


def test_webhooks_that_were_disabled_at_the_same_time_are_one_mail(fail, sent_mail):
    for host in ("one.example", "two.example"):
        fail(host, Endpoint.DisabledReason.OWNER_GAINED_RIGHTS)
    assert [letter.subject for letter in sent_mail()] == ["2 of your webhooks were disabled"]


def test_an_owner_who_does_not_want_it_is_not_told(fail, sent_mail, alice):
    UnwantedKind.objects.unsubscribe(alice.pk, "webhooks")
    fail("one.example")
    assert sent_mail() == []
