"""A deactivated person is signed out at once, and has to sign in again when reactivated."""

import pytest
from django.test import Client

from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.testing.events import events_of
from tutorarc.tests.staff.admin_site import Site, recorded


@pytest.fixture
def browser(bob):
    client = Client()
    client.force_login(bob)
    return client


def by_the_verb(user, active):
    user.edit(SYSTEM, is_active=active)


def by_the_batch(user, active):
    User.objects.edit_many({user.pk: {"is_active": active}}, SYSTEM)


def is_signed_in(client):
    return client.get("/accounts/").status_code == 200, client.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("change", [by_the_verb, by_the_batch])
def test_a_deactivated_user_is_signed_out_and_old_sign_ins_stay_invalid(browser, bob, change):
    assert is_signed_in(browser) == (True, True)
    change(bob, False)
    assert is_signed_in(browser) == (False, False)
    change(bob, True)
    assert is_signed_in(browser) == (False, False)
    browser.force_login(User.objects.get(pk=bob.pk))
    assert is_signed_in(browser) == (True, True)


@pytest.mark.parametrize("change", [by_the_verb, by_the_batch])
def test_an_idle_old_sign_in_is_invalid_too(browser, bob, change):
    change(bob, False)
    change(bob, True)
    assert is_signed_in(browser) == (False, False)


def test_deactivating_on_the_admin_page_signs_out(browser, root, bob):
    site = Site(root, "tutorarc_user")
    form = {"email": bob.email, "display_name": bob.display_name, "global_role": bob.global_role}
    assert site.change(bob.pk, **form).status_code == 302
    assert is_signed_in(browser) == (False, False)
    assert recorded(bob) == [("created", None), ("deactivated", "Root")]


def test_any_other_edit_keeps_the_sign_ins(browser, bob):
    bob.edit(SYSTEM, display_name="Robert", is_active=True)
    assert is_signed_in(browser) == (True, True)


def test_keys_are_refused_while_deactivated_and_work_again_unless_revoked(api, bob):
    stays, revoked = api(bob), api(bob)
    by_the_verb(bob, False)
    assert [client.get("/me").status_code for client in (stays, revoked)] == [401, 401]
    ApiKey.objects.filter(owner=bob).first().revoke(Actor(bob))
    by_the_verb(bob, True)
    assert sorted(client.get("/me").status_code for client in (stays, revoked)) == [200, 401]


def test_the_session_version_is_in_no_event(bob):
    bob.edit(SYSTEM, is_active=False)
    assert "session_version" not in {name for event in events_of(bob) for name in [*event.data, *event.changes]}
