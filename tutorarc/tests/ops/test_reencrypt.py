"""`manage.py reencrypt`: after it, stored secrets no longer need the former secret key."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from tutorarc.domain import encryption
from tutorarc.domain.events import Actor
from tutorarc.webhooks.models import Endpoint


@pytest.fixture
def factors(make_user):
    """An app and recovery codes, stored before the secret key is changed, and a passkey without a secret."""
    erin = make_user("Erin")
    data = {
        "totp": {"secret": encryption.encrypt("app")},
        "recovery_codes": {"seed": encryption.encrypt("seed"), "migrated_codes": [encryption.encrypt("code")]},
        "webauthn": {"name": "Phone", "credential": {"id": "x"}},
    }
    return [Authenticator.objects.create(user=erin, type=kind, data=values) for kind, values in data.items()]


@pytest.fixture
def webhook(alice):
    """An endpoint with its secrets, of which one is in use until a rotation ends."""
    endpoint, first = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/")
    endpoint, second = endpoint.rotate(Actor(alice), timedelta(hours=1))
    return endpoint, [second, first]


@pytest.fixture(autouse=True)
def _changed_key(factors, webhook, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]


def reencrypt():
    out = StringIO()
    call_command("reencrypt", stdout=out)
    return out.getvalue()


def test_second_factors_are_read_without_the_former_key(factors, settings):
    assert reencrypt() == "second factors: 2 encrypted anew\nwebhooks: 1 encrypted anew\n"
    settings.SECRET_KEY_FALLBACKS = []
    app, codes, passkey = Authenticator.objects.order_by("pk")
    assert encryption.decrypt(app.data["secret"]) == "app"
    assert encryption.decrypt(codes.data["seed"]) == "seed"
    assert encryption.decrypt(codes.data["migrated_codes"][0]) == "code"
    assert passkey.data == {"name": "Phone", "credential": {"id": "x"}}


def test_secrets_of_webhooks_are_read_without_the_former_key(webhook, settings):
    endpoint, secrets = webhook
    reencrypt()
    settings.SECRET_KEY_FALLBACKS = []
    assert Endpoint.objects.get(pk=endpoint.pk).signing_secrets() == secrets


def test_a_second_run_changes_nothing(factors):
    reencrypt()
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    assert reencrypt() == "second factors: 0 encrypted anew\nwebhooks: 0 encrypted anew\n"
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before


def test_what_can_not_be_read_is_left_and_counted(factors, webhook, alice, settings):
    settings.SECRET_KEY_FALLBACKS = []
    later, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newest", [settings.SECRET_KEY]
    assert reencrypt() == (
        "second factors: 0 encrypted anew\n"
        "second factors: 2 can't be read with any key, and were left as they are\n"
        "webhooks: 1 encrypted anew\n"
        "webhooks: 1 can't be read with any key, and were left as they are\n"
    )
    settings.SECRET_KEY_FALLBACKS = []
    assert len(Endpoint.objects.get(pk=later.pk).signing_secrets()) == 1
    assert [factor.data for factor in factors] == list(
        Authenticator.objects.order_by("pk").values_list("data", flat=True)
    )
