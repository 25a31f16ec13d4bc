"""Unsubscribing by one click, without a sign-in (RFC 8058)."""

import re

import pytest
from django.core.signing import Signer
from django.test import Client

from tutorarc.domain.events import SYSTEM
from tutorarc.mail.models import UnwantedKind
from tutorarc.mail.unsubscribe import SALT, unsubscribe_path

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def strict_client():
    """A mail program: no cookies, CSRF enforced."""
    return Client(enforce_csrf_checks=True)


def unwanted():
    return sorted(UnwantedKind.objects.values_list("user", "kind"))


@pytest.mark.parametrize(
    "options",
    [{"data": ONE_CLICK}, {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}],
)
def test_a_post_without_cookie_and_token_ends_this_kind_for_this_person(strict_client, bob, options):
    page = strict_client.post(unsubscribe_path(bob.pk, "lessons"), **options)
    assert (page.status_code, unwanted()) == (200, [(bob.pk, "lessons")])
    assert b"You get no more e-mails of the kind \xe2\x80\x9cLessons\xe2\x80\x9d." in page.content


def test_again_changes_nothing(strict_client, bob):
    for _ in range(2):
        assert strict_client.post(unsubscribe_path(bob.pk, "lessons"), ONE_CLICK).status_code == 200
    assert unwanted() == [(bob.pk, "lessons")]


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_only_asks(strict_client, bob, method):
    page = getattr(strict_client, method)(unsubscribe_path(bob.pk, "lessons"))
    assert (page.status_code, unwanted()) == (200, [])


def test_the_button_of_the_page_unsubscribes(strict_client, bob):
    path = unsubscribe_path(bob.pk, "lessons")
    [form] = re.findall(r"<form[^>]*>.*?</form>", strict_client.get(path).text.split('id="main"')[1], re.DOTALL)
    assert form == '<form method="post"><button type="submit">Unsubscribe</button></form>'


def test_other_methods_are_refused(strict_client, bob):
    assert strict_client.put(unsubscribe_path(bob.pk, "lessons")).status_code == 405


def test_the_page_tells_nothing_of_the_person_or_the_account(strict_client, bob, client, alice):
    path = unsubscribe_path(bob.pk, "lessons")
    active = strict_client.get(path).content
    assert b"Bob" not in active
    assert b"bob@" not in active
    bob.edit(SYSTEM, is_active=False)
    assert strict_client.get(path).content == active


def test_a_person_who_is_signed_in_unsubscribes_the_person_of_the_mail(client, alice, bob):
    client.force_login(alice)
    client.post(unsubscribe_path(bob.pk, "lessons"), ONE_CLICK)
    assert unwanted() == [(bob.pk, "lessons")]


def test_a_forged_token_or_one_of_an_unknown_kind_is_not_valid(strict_client, bob, charlie):
    path = unsubscribe_path(bob.pk, "lessons")
    payload, _, signature = path.rpartition("/")[2].rpartition(":")
    other = unsubscribe_path(charlie.pk, "lessons").rpartition("/")[2].rpartition(":")[0]
    of_another_salt = Signer(salt="x").sign_object([bob.pk, "lessons"])
    not_a_pair = Signer(salt=SALT).sign_object("lessons")
    unknown_kind = Signer(salt=SALT).sign_object([bob.pk, "gone"])
    tokens = ["x", f"{payload}:{signature[:-1]}", f"{other}:{signature}", of_another_salt, not_a_pair, unknown_kind]
    for token in tokens:
        page = strict_client.post(f"/accounts/unsubscribe/{token}", ONE_CLICK)
        assert (token, page.status_code) == (token, 404)
    assert unwanted() == []


def test_it_works_years_later(strict_client, bob, time_machine):
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    path = unsubscribe_path(bob.pk, "lessons")
    time_machine.move_to("2031-03-14T09:30:00Z", tick=False)
    strict_client.post(path, ONE_CLICK)
    assert unwanted() == [(bob.pk, "lessons")]


def test_the_token_is_not_in_the_log(strict_client, bob, caplog):
    caplog.set_level("INFO", logger="tutorarc.access")
    strict_client.post(unsubscribe_path(bob.pk, "lessons"), ONE_CLICK)
    [path] = [record.context["path"] for record in caplog.records if record.name == "tutorarc.access"]
    assert path == "/accounts/unsubscribe/..."
