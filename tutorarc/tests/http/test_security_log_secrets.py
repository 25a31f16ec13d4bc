"""No secret, body, query or typed address is in the security log: neither in rows nor in lines."""

import io
import logging
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from apikeys.models import ApiKey
from tutorarc.domain.events import Actor
from tutorarc.exports.models import DataExport
from tutorarc.http.json_logs import JsonFormatter
from tutorarc.models import SecurityEvent, SecurityEventKind
from tutorarc.webhooks.models import Endpoint

OLD, NEW, BY_LINK, BY_STAFF = "plum-harbour-91", "quiet-meadow-72", "amber-lantern-53", "copper-anchor-34"
WRONG, AS_ADDRESS = "wrong-password-15", "typed-as-address-16"
QUERY, BODY, AGENT = "typed-into-search", "typed-into-form", "Secret-Agent-Text"
# Recorded by code whose own tests cover them.
ELSEWHERE = {"sign_in.limited", "factor.added", "factor.removed", "data.downloaded"}


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="tutorarc.security")
    return lambda: [JsonFormatter().format(record) for record in caplog.records if record.name == "tutorarc.security"]


def browser():
    return Client(headers={"User-Agent": f"Mozilla/5.0 ({AGENT})"})


def sign_in(client, person, password):
    client.post(reverse("login"), {"username": person, "login": person, "password": password})


def new_password(*, new, old=""):
    names = ("new_password1", "new_password2", "password1", "password2")
    return {**dict.fromkeys(names, new), "old_password": old, "oldpassword": old}


def use_link(client, path):
    page = client.get(path, follow=True)
    client.post(page.redirect_chain[-1][0] if page.redirect_chain else path, new_password(new=BY_LINK))
    return re.split(r"[/-]", path.rstrip("/"))[-1]


def use_webhooks(owner, by):
    """The secrets that a webhook had."""
    webhook, first = Endpoint.objects.register(owner, by, url=f"https://example.org/{QUERY}", description=BODY)
    webhook, second = webhook.rotate(by, timedelta(hours=1))
    webhook.edit(by, url=f"https://example.com/{QUERY}").disable(by).remove(by)
    return [first, second]


@pytest.mark.django_db(transaction=True)
def test_no_secret_is_in_a_row_or_line_of_any_kind(make_user, root, lines):
    SecurityEvent.objects.all().delete()  # of people who were added before the lines were watched
    erin, secrets = make_user("Erin", "TEACHER", password=OLD), []
    client = browser()
    sign_in(client, erin.email, WRONG)
    sign_in(client, AS_ADDRESS, OLD)
    client.post(reverse("password-forgotten"), {"email": f"{AS_ADDRESS}@example.org"})
    sign_in(client, erin.email, OLD)
    secrets += [client.session.session_key]
    client.post(reverse("password-change"), new_password(old=OLD, new=NEW))
    secrets += [client.session.session_key, client.cookies["csrftoken"].value]
    client.get("/admin/", {"q": QUERY}, follow=True)
    client.post(reverse("logout"))
    erin.refresh_from_db()
    secrets += [use_link(browser(), erin.make_password_link(Actor(root)))]
    key, plaintext = ApiKey.objects.issue(erin, Actor(erin), name=BODY)
    fresh, rotated = key.rotate(Actor(erin), key.created_at - key.created_at)
    fresh.revoke(Actor(erin))
    secrets += [text[12:-4] for text in (plaintext, rotated)]
    secrets += use_webhooks(erin, Actor(erin))
    use_admin_site(root, erin)
    DataExport.objects.ask(erin, Actor(root), f"https://example.org/{QUERY}")
    erin.close_for_deletion(Actor(root))
    found = set(SecurityEvent.objects.values_list("kind", flat=True))
    assert found == set(SecurityEventKind.values) - ELSEWHERE
    dump = io.StringIO()
    call_command("dumpdata", "tutorarc.securityevent", stdout=dump)
    texts = [dump.getvalue(), *lines()]
    assert len(lines()) == sum(SecurityEvent.objects.values_list("times", flat=True))
    typed = [OLD, NEW, BY_LINK, BY_STAFF, WRONG, AS_ADDRESS, QUERY, BODY, AGENT, "/accounts/link/"]
    assert [secret for secret in [*secrets, *typed] if any(secret in text for text in texts)] == []


def use_admin_site(root, erin):
    site = browser()
    site.force_login(root)
    person = {"email": "er@example.org", "display_name": BODY, "global_role": "STUDENT"}
    erin.edit(Actor(root), **person, is_active=False)
    erin.edit(Actor(root), is_active=True, is_staff=True)
    password = {"usable_password": "true", "password1": BY_STAFF, "password2": BY_STAFF}
    site.post(reverse("admin:auth_user_password_change", args=[erin.pk]), password)
    list(site.get("/admin/tutorarc/user/export/", {"q": QUERY}).streaming_content)
    file = SimpleUploadedFile("people.csv", f"email,display_name\nmo@example.org,{BODY}\n".encode())
    page = site.post("/admin/tutorarc/user/import/", {"file": file})
    site.post(page.url, {"start": "yes"})
