"""`manage.py reencrypt`: after it, nothing that is stored needs the former secret key."""

import re
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from apikeys.tests.database_text import whole_database
from tutorarc.domain import encryption
from tutorarc.domain.events import Actor
from tutorarc.exports import models as exports
from tutorarc.exports.models import DataExport, DataExportPart
from tutorarc.imports.models import Import, ImportFile
from tutorarc.jobs.models import Job
from tutorarc.mail.outgoing import Mail, queue, queued_mail
from tutorarc.management.commands import reencrypt as command
from tutorarc.models import IdempotentReply
from tutorarc.settings import BASE_DIR
from tutorarc.webhooks.models import Endpoint

# What becomes of each text that is encrypted: the title by which the command finds it, or why it need not.
NOT_STORED, ENDS_WITH_ITS_KEY = "in a page or a link", "a session"
ENCRYPTING = {
    "members/models/invitation_queryset.py": "mails that wait",
    "tutorarc/exports/models.py": "parts of exports",
    "tutorarc/http/hashed_sessions.py": ENDS_WITH_ITS_KEY,
    "tutorarc/http/resent_forms.py": NOT_STORED,
    "tutorarc/imports/models.py": "files of imports",
    "tutorarc/mail/outgoing.py": "mails that wait",
    "tutorarc/models/idempotent_reply.py": "stored responses",
    "tutorarc/site/accounts/second_factors.py": "second factors",
    "tutorarc/site/joining/sign_up_links.py": NOT_STORED,
    "tutorarc/webhooks/models/endpoint.py": "webhooks",
    "tutorarc/webhooks/models/endpoint_queryset.py": "webhooks",
}
NOTHING = {stored.title: (0, 0) for stored in command.STORED}
ZIP = b"PK\x03\x04\xff\xfe" * 10  # no text


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


@pytest.fixture
def others(alice, monkeypatch):
    """A stored response, a mail, a file of an import, and an export in several parts."""
    monkeypatch.setattr(exports, "BYTES_OF_A_PART", 25)
    IdempotentReply.objects.claim(alice, "key", "fingerprint").store(201, "answer")
    queue(Mail(to="bob@example.org", subject="Hello", text="Text"))
    about = Import.objects.create(by=alice, kind="people", state="ready", file_name="people.csv")
    ImportFile.keep(about, {"data": "email"})
    export = DataExport.objects.create(user=alice, by=alice)
    export.finish(BytesIO(ZIP))
    return about, export


@pytest.fixture(autouse=True)
def _changed_key(factors, webhook, others, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]


def reencrypt():
    """By title, how many rows were encrypted anew, and how many can't be read."""
    out = StringIO()
    call_command("reencrypt", stdout=out)
    found = re.findall(r"^(.+): (\d+) (encrypted anew|can't be read)", out.getvalue(), re.MULTILINE)
    counts = {(title, what): int(count) for title, count, what in found}
    return {
        title: (count, counts.get((title, "can't be read"), 0))
        for (title, what), count in counts.items()
        if what == "encrypted anew"
    }


def test_all_that_was_encrypted_with_the_former_key_is_encrypted_anew(monkeypatch, settings):
    monkeypatch.setattr(command, "STORED", [stored._replace(together=1) for stored in command.STORED])
    assert reencrypt() == {
        "second factors": (2, 0),
        "webhooks": (1, 0),
        "mails that wait": (3, 0),  # two about the webhook
        "stored responses": (1, 0),
        "files of imports": (1, 0),
        "parts of exports": (3, 0),
    }
    settings.SECRET_KEY_FALLBACKS = []
    encrypted = re.findall(rf"{encryption.FERNET_PREFIX}[\w-]+=*", whole_database())
    assert (len(encrypted), all(map(encryption.is_readable, encrypted))) == (13, True)


def test_every_module_that_encrypts_is_known_to_the_command():
    """To a new one, add what it stores to `STORED`."""
    calls = re.compile(r"\bencrypt(_bytes)?\(")
    modules = [path.relative_to(BASE_DIR) for path in BASE_DIR.glob("[!.]*/**/*.py")]
    own = {Path("tutorarc/domain/encryption.py"), Path("tutorarc/management/commands/reencrypt.py")}
    names = {
        str(path)
        for path in modules
        if path not in own and "tests" not in path.parts and calls.search((BASE_DIR / path).read_text())
    }
    assert names == set(ENCRYPTING)
    assert set(ENCRYPTING.values()) - {NOT_STORED, ENDS_WITH_ITS_KEY} == set(NOTHING)


def test_second_factors_are_read_without_the_former_key(settings):
    reencrypt()
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


def test_the_others_are_read_without_the_former_key(others, settings):
    about, export = others
    reencrypt()
    settings.SECRET_KEY_FALLBACKS = []
    export.refresh_from_db()
    assert b"".join(export.read()) == ZIP
    assert ImportFile.objects.get(about=about).read() == {"data": "email"}
    assert IdempotentReply.objects.get().read() == "answer"
    assert queued_mail(Job.objects.filter(kind="mail").order_by("pk").last().payload).subject == "Hello"


def test_a_second_run_changes_nothing():
    reencrypt()
    before = whole_database()
    assert reencrypt() == NOTHING
    assert whole_database() == before


def test_what_can_not_be_read_is_left_and_counted(alice, settings):
    settings.SECRET_KEY_FALLBACKS = []
    later, _ = Endpoint.objects.register(alice, Actor(alice), url="https://example.org/")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newest", [settings.SECRET_KEY]
    unreadable = set(DataExportPart.objects.values_list("content", flat=True))
    assert reencrypt() == {
        "second factors": (0, 2),
        "webhooks": (1, 1),
        "mails that wait": (1, 3),
        "stored responses": (0, 1),
        "files of imports": (0, 1),
        "parts of exports": (0, 3),
    }
    settings.SECRET_KEY_FALLBACKS = []
    assert len(Endpoint.objects.get(pk=later.pk).signing_secrets()) == 1
    assert set(DataExportPart.objects.values_list("content", flat=True)) == unreadable
