"""A person gains rights: what others made for them, and what was opened with it, works no longer.

Rita is staff who may change people and make keys. Bob is the person who gains rights.
"""

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client

from apikeys.models import ApiKey
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.password_tokens import password_tokens
from tutorarc.mail.password_mail import FORGOTTEN
from tutorarc.models import SecurityEvent, User
from tutorarc.staff.people_forms import PasswordForm
from tutorarc.testing.client import Client as ApiClient
from tutorarc.testing.mail import do_mail_jobs
from tutorarc.tests.imports.importing import consent, groups, preview
from tutorarc.tests.staff.admin_site import Site, errors, recorded, state

PEOPLE = "tutorarc_user"
PASSWORD, OTHER = "a-longer-staple-7", "another-staple-8"
RIGHTS_OF_RITA = ["view_user", "change_user", "add_apikey", "view_apikey"]


@pytest.fixture
def rita(make_user):
    user = make_user("Rita", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=RIGHTS_OF_RITA))
    return user


def fields(user, **changes):
    sent = {"email": user.email, "display_name": user.display_name, "global_role": user.global_role, "is_active": "on"}
    return {**sent, **changes}


def by_form(**changes):
    return lambda root, bob: Site(root, PEOPLE).change(bob.pk, **fields(bob, **changes))


def by_form_with_a_group(root, bob):
    Site(root, PEOPLE).change(bob.pk, **fields(bob, groups=[Group.objects.get(name="Support").pk]))


def by_the_form_of_a_group(root, bob):
    group = Group.objects.create(name="Night watch")
    bob.groups.add(group)
    rights = Permission.objects.get(codename="view_class").pk
    Site(root, "auth_group").change(group.pk, name=group.name, permissions=[rights])


def by_import(root, bob):
    sheet = f"email,display_name,global_role\n{bob.email},{bob.display_name},ADMIN\n"
    site = Site(root, PEOPLE)
    assert consent(site, preview(site, sheet)) == "Done: 0 added, 1 changed, 0 left alone."


ROADS = {
    "the form: staff": by_form(is_staff="on"),
    "the form: superuser": by_form(is_superuser="on"),
    "the form: ADMIN": by_form(global_role="ADMIN"),
    "the form: a group": by_form_with_a_group,
    "an import": by_import,
    "a verb": lambda root, bob: bob.edit(SYSTEM, is_staff=True),
    "groups, from the person": lambda root, bob: bob.groups.add(Group.objects.get(name="Support")),
    "groups, from the group": lambda root, bob: Group.objects.get(name="Support").user_set.add(bob),
    "permissions, from the person": lambda root, bob: bob.user_permissions.add(Permission.objects.first()),
    "permissions, from the permission": lambda root, bob: Permission.objects.first().user_set.add(bob),
}
every_road = pytest.mark.parametrize("promote", ROADS.values(), ids=ROADS.keys())


def link_from(rita, bob):
    page = Site(rita, PEOPLE).post(
        "/admin/tutorarc/user/", {"action": "make_password_links", "_selected_action": bob.pk}
    )
    return re.search(r"http://testserver(/accounts/link/[^<\s]+)", page.text).group(1)


def set_password(path, password=OTHER):
    visitor = Client()
    form = visitor.get(path, follow=True)
    return visitor.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def give_password(rita, bob, password=PASSWORD):
    page = Site(rita, PEOPLE).post(
        f"/admin/tutorarc/user/{bob.pk}/password/",
        {"password1": password, "password2": password, "usable_password": "true"},
    )
    assert page.status_code == 302


def signed_in(bob, password=PASSWORD):
    browser = Client()
    assert browser.login(username=bob.email, password=password)
    return browser


def key_from_a_session(browser):
    return browser.post("/api/v1/api-keys", {"name": "x"}, content_type="application/json").json()["key"]


def key_from(rita, bob):
    page = Site(rita, "apikeys_apikey").add(owner=bob.pk, name="Import", scopes=["classes:read"])
    return re.search("ta_live_[a-z2-7]{32}[0-9a-f]{8}", page.text).group(0)


def opens(key):
    return ApiClient(headers={"X-API-Key": key}).get("/me").status_code == 200


def is_signed_in(browser):
    return browser.get("/accounts/").status_code == 200


@every_road
def test_what_another_person_made_ends(root, rita, bob, promote):
    staff_key = key_from(rita, bob)
    give_password(rita, bob)
    browser = signed_in(bob)
    own_key = key_from_a_session(browser)
    path = link_from(rita, bob)
    assert (opens(staff_key), opens(own_key), is_signed_in(browser)) == (True, True, True)
    promote(root, User.objects.get(pk=bob.pk))
    assert (opens(staff_key), opens(own_key), is_signed_in(browser)) == (False, False, False)
    assert (Client().login(username=bob.email, password=PASSWORD), bob.check_password(PASSWORD)) == (False, False)
    set_password(path)
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


@every_road
def test_what_the_owner_made_stays_except_sign_ins(root, bob, promote):
    bob.confirm_address(Actor(root), bob.email)
    bob.set_password_by_link(password_tokens.make_token(User.objects.get(pk=bob.pk)), PASSWORD)
    browser = signed_in(bob)
    key = key_from_a_session(browser)
    promote(root, User.objects.get(pk=bob.pk))
    assert (opens(key), is_signed_in(browser)) == (True, False)
    assert signed_in(bob)


@pytest.mark.parametrize(
    "changes",
    [
        {"display_name": "Robert"},
        {"global_role": "TEACHER"},
        {"email": "robert@example.org"},
    ],
)
def test_other_changes_end_nothing(root, rita, bob, changes):
    key = key_from(rita, bob)
    give_password(rita, bob)
    browser = signed_in(bob)
    by_form(**changes)(root, bob)
    assert (opens(key), is_signed_in(browser)) == (True, True)


def test_rights_that_were_there_before_end_nothing(root, make_user):
    ann = make_user("Ann", "ADMIN", password=PASSWORD, is_staff=True)
    browser = signed_in(ann)
    by_form(is_staff="on", global_role="TEACHER")(root, ann)
    assert is_signed_in(browser)


@pytest.mark.parametrize("change", [by_form(global_role="ADMIN"), by_import], ids=["form", "import"])
def test_a_superuser_gains_nothing_by_the_role_admin(root, make_user, change):
    chief = make_user("Chief", "TEACHER", PASSWORD, is_staff=True, is_superuser=True)
    change(root, chief)
    now = User.objects.get(pk=chief.pk)
    assert (now.global_role, now.check_password(PASSWORD)) == ("ADMIN", True)
    assert now.session_version == chief.session_version


def test_a_key_made_by_a_sign_in_with_the_address_of_another_ends(root, rita, bob):
    """With OpenID Connect an address is enough to sign in, and the password stays the owner's."""
    User.objects.filter(pk=bob.pk).update(password_set_by=bob)
    with_hers = User.objects.get(pk=bob.pk).edit(Actor(rita), email="rita2@example.org")
    key, _ = ApiKey.objects.issue(with_hers, Actor(with_hers))
    with_hers.edit(Actor(rita), email="bob@example.org")
    User.objects.get(pk=bob.pk).edit(Actor(root), is_staff=True)
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None


def test_removed_passkeys_are_in_the_security_log(root, rita, bob):
    bob.change_password(Actor(rita), PASSWORD)
    Authenticator.objects.create(user=bob, type="webauthn", data={})
    User.objects.get(pk=bob.pk).edit(Actor(root), is_staff=True)
    event = SecurityEvent.objects.get(kind="factor.removed")
    assert (event.user, event.actor, event.details["factor"]) == (bob, root, "all")


def test_a_superuser_gains_nothing_by_a_group(root):
    browser = Client()
    browser.force_login(root)
    root.groups.add(Group.objects.get(name="Support"))
    assert is_signed_in(browser)


# What was opened with it


def test_a_password_that_was_changed_after_a_sign_in_with_one_from_staff_ends_too(root, rita, bob):
    give_password(rita, bob)
    browser = signed_in(bob)
    sent = {"old_password": PASSWORD, "new_password1": OTHER, "new_password2": OTHER}
    assert browser.post("/accounts/password/", sent).status_code == 302
    key = key_from_a_session(browser)
    bob.edit(Actor(root), is_staff=True)
    assert (Client().login(username=bob.email, password=OTHER), is_signed_in(browser), opens(key)) == (False,) * 3


def test_a_password_that_was_set_by_a_link_from_staff_ends_too(root, rita, bob):
    set_password(link_from(rita, bob))
    browser = signed_in(bob, OTHER)
    key = key_from_a_session(browser)
    bob.edit(Actor(root), is_staff=True)
    assert (Client().login(username=bob.email, password=OTHER), is_signed_in(browser), opens(key)) == (False,) * 3


def test_a_password_from_a_superuser_or_a_command_ends_too(root, bob, charlie):
    bob.change_password(Actor(root), PASSWORD)
    charlie.change_password(SYSTEM, PASSWORD)
    for person in (bob, charlie):
        person.edit(SYSTEM, is_staff=True)
        assert Client().login(username=person.email, password=PASSWORD) is False


def test_both_secrets_of_a_rotated_key_end(root, rita, bob):
    give_password(rita, bob)
    browser = signed_in(bob)
    before = key_from(rita, bob)
    key = ApiKey.objects.get()
    after = browser.post(f"/api/v1/api-keys/{key.pk}/rotate", {}, content_type="application/json").json()["key"]
    bob.edit(Actor(root), global_role="ADMIN")
    assert (opens(before), opens(after)) == (False, False)
    assert [recorded(key)[-1] for key in ApiKey.objects.all()] == [("revoked", "Root")] * 2


# Second factors


def add_passkey(user):
    return Authenticator.objects.create(user=user, type="webauthn", data={})


def reset_by_mail(user):
    person = User.objects.get(pk=user.pk)
    person.set_password_by_link(password_tokens.make_token(person), PASSWORD)


def test_a_passkey_that_somebody_with_a_password_from_staff_may_have_set_up_ends(root, rita, bob):
    give_password(rita, bob)
    add_passkey(bob)
    assert "every passkey and other second factor" in listed(Site(root, PEOPLE).page(bob.pk))
    bob.edit(Actor(root), is_staff=True)
    assert Authenticator.objects.count() == 0


def test_a_passkey_from_before_the_owner_reset_the_password_ends_with_the_password(root, rita, bob):
    bob.confirm_address(Actor(root), bob.email)
    give_password(rita, bob)
    add_passkey(bob)
    reset_by_mail(bob)
    bob.edit(Actor(root), is_staff=True)
    assert (Authenticator.objects.count(), User.objects.get(pk=bob.pk).has_usable_password()) == (0, False)


def test_a_passkey_of_the_owner_stays(root, bob):
    bob.confirm_address(Actor(root), bob.email)
    reset_by_mail(bob)
    add_passkey(bob)
    reset_by_mail(bob)
    assert "every passkey and other second factor" not in listed(Site(root, PEOPLE).page(bob.pk))
    bob.edit(Actor(root), is_staff=True)
    assert (Authenticator.objects.count(), User.objects.get(pk=bob.pk).has_usable_password()) == (1, True)


# Linked accounts of identity providers


def link_account(user):
    return SocialAccount.objects.create(user=user, provider="openid_connect", uid=str(user.pk))


LINKED = "every linked account of an identity provider"


@pytest.mark.parametrize("give", [give_password, lambda rita, bob: change_address(rita, bob)])
def test_a_linked_account_of_a_person_with_access_from_staff_ends(root, rita, bob, give):
    bob.confirm_address(Actor(root), bob.email)
    reset_by_mail(bob)
    give(rita, bob)
    link_account(bob)
    assert LINKED in listed(Site(root, PEOPLE).page(bob.pk))
    User.objects.get(pk=bob.pk).edit(Actor(root), is_staff=True)
    assert SocialAccount.objects.count() == 0


def test_a_linked_account_of_the_owner_stays(root, bob):
    bob.confirm_address(Actor(root), bob.email)
    reset_by_mail(bob)
    account = link_account(bob)
    assert LINKED not in listed(Site(root, PEOPLE).page(bob.pk))
    bob.edit(Actor(root), is_staff=True)
    assert list(SocialAccount.objects.all()) == [account]


# Links


def test_a_link_works_only_while_its_maker_may_make_one(rita, bob):
    path = link_from(rita, bob)
    rita.user_permissions.remove(Permission.objects.get(codename="change_user"))
    set_password(path)
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


@pytest.mark.parametrize("loss", [{"is_active": False}, {"is_staff": False}])
def test_the_link_of_somebody_who_left_the_staff_is_not_valid(rita, bob, loss):
    path = link_from(rita, bob)
    rita.edit(SYSTEM, **loss)
    assert b"This link is not valid" in Client().get(path, follow=True).content


def test_a_new_link_replaces_the_one_before(rita, bob):
    first, second = link_from(rita, bob), link_from(rita, bob)
    assert b"This link is not valid" in Client().get(first, follow=True).content
    assert set_password(second)["Location"] == "/accounts/login/"


def test_a_link_that_is_made_for_a_person_who_gained_rights_is_refused(rita, bob):
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    with pytest.raises(User.NeedsSuperuser):
        bob.make_password_link(Actor(rita))


# Addresses


def forgotten(client, email, mailoutbox):
    client.post("/accounts/forgotten/", {"email": email})
    do_mail_jobs()
    return [letter.to for letter in mailoutbox if letter.subject == FORGOTTEN[0]]


def change_address(rita, bob):
    Site(rita, PEOPLE).change(bob.pk, **fields(bob, email="mine@example.org"))


def change_address_as_bob(rita, bob):
    give_password(rita, bob)
    signed_in = User.objects.get(pk=bob.pk)
    signed_in.edit(Actor(signed_in), email="mine@example.org")


def confirm_address_of(root, *people, meanwhile=lambda: None):
    """The messages after a superuser saw the addresses and confirmed them."""
    site, keys = Site(root, PEOPLE), [person.pk for person in people]
    question = site.post(site.address("changelist"), {"action": "confirm_address", "_selected_action": keys})
    meanwhile()
    return site.act("confirm_address", people, shown=question.context["shown"])


@pytest.mark.parametrize("change", [change_address, change_address_as_bob])
def test_no_link_is_mailed_to_an_address_that_staff_gave_a_person_with_rights(
    client, root, rita, bob, change, mailoutbox
):
    change(rita, bob)
    bob.edit(SYSTEM, is_staff=True)
    bob.change_password(Actor(root), PASSWORD)
    assert forgotten(client, "mine@example.org", mailoutbox) == []
    confirm_address_of(root, bob)
    assert forgotten(client, "mine@example.org", mailoutbox) == [["mine@example.org"]]
    assert recorded(bob)[-1] == ("email_confirmed", "Root")


def test_a_superuser_who_changes_an_address_confirms_it(client, root, bob, mailoutbox):
    bob.edit(Actor(root), email="own@example.org", is_staff=True)
    bob.change_password(Actor(root), PASSWORD)
    assert forgotten(client, "own@example.org", mailoutbox) == [["own@example.org"]]


def test_superusers_alone_confirm_addresses(rita, bob):
    assert "confirm_address" not in Site(rita, PEOPLE).listing().text
    before = state(bob)
    Site(rita, PEOPLE).act("confirm_address", [bob], shown=f"{bob.pk} {bob.email}")
    assert state(bob) == before
    with pytest.raises(User.NeedsSuperuser):
        bob.confirm_address(Actor(rita), bob.email)


def test_a_password_that_was_set_by_a_mail_to_an_unconfirmed_address_ends(root, rita, bob):
    change_address(rita, bob)
    person = User.objects.get(pk=bob.pk)
    person.set_password_by_link(password_tokens.make_token(person), PASSWORD)
    bob.edit(Actor(root), is_staff=True)
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


def test_the_page_of_a_person_says_who_entered_the_address(root, rita, bob):
    bob.confirm_address(Actor(root), bob.email)
    assert "known to be the person’s own" in Site(rita, PEOPLE).page(bob.pk).text
    change_address(rita, bob)
    words = "entered by Rita, and not confirmed by a superuser"
    assert [words in Site(user, PEOPLE).page(bob.pk).text for user in (rita, root)] == [True, True]


def test_a_password_that_was_mailed_to_an_address_of_staff_ends_and_the_address_gets_no_link(
    client, root, rita, mailoutbox
):
    """Rita adds a person with her own second mailbox, and lets the site mail her a link to set the password."""
    mallory = User.objects.create_user("rita2@example.org", by=Actor(rita), display_name="Mallory")
    mallory.set_password_by_link(password_tokens.make_token(mallory), PASSWORD)
    browser = signed_in(mallory)
    User.objects.get(pk=mallory.pk).edit(Actor(root), global_role="ADMIN")
    assert (is_signed_in(browser), Client().login(username=mallory.email, password=PASSWORD)) == (False, False)
    assert forgotten(client, mallory.email, mailoutbox) == []


# What the pages list beforehand


def listed(page):
    text = re.search(r'<ul class="ends">(.*?)</ul>', page.text, re.DOTALL).group(1)
    return [re.sub("<[^>]*>", "", line) for line in text.split("</li>")[:-1]]


@pytest.fixture
def given(rita, bob, time_machine):
    """What Rita made for Bob, as the pages say it."""
    time_machine.move_to("2026-03-14T09:30:00Z", tick=False)
    change_address(rita, bob)
    bob.refresh_from_db()
    key_from(rita, bob)
    give_password(rita, bob)
    link_from(rita, bob)
    [key] = ApiKey.objects.all()
    return [
        "every sign-in",
        "the one-time link that Rita made on 2026-03-14 09:30 UTC",
        "the password, which Rita set",
        "mails for a new password to mine@example.org, which Rita entered, until a superuser confirms it",
        f"the API key Import ({key.hint}), which Rita made",
    ]


def test_the_form_of_a_person_lists_what_will_end(root, bob, given):
    assert listed(Site(root, PEOPLE).page(bob.pk)) == given


def test_the_form_of_a_group_lists_what_will_end_for_its_members(root, bob, given):
    group = Group.objects.create(name="Office")
    User.groups.through.objects.create(user=bob, group=group)
    assert listed(Site(root, "auth_group").page(group.pk)) == given
    assert 'class="ends"' not in Site(root, "auth_group").page(Group.objects.get(name="Support").pk).text


def test_the_preview_of_an_import_lists_what_will_end(root, bob, given):
    sheet = f"email,display_name,global_role\n{bob.email},{bob.display_name},ADMIN\n"
    [(_, _, summary)] = groups(preview(Site(root, PEOPLE), sheet))["changed"]
    assert summary == f"global role: STUDENT → ADMIN; ends: {'; '.join(given)}"


def test_an_import_is_not_written_if_something_was_made_after_the_preview(root, rita, bob):
    site = Site(root, PEOPLE)
    page = preview(site, f"email,display_name,global_role\n{bob.email},{bob.display_name},ADMIN\n")
    link_from(rita, bob)
    assert consent(site, page) == "Done: 0 added, 0 changed, 0 left alone, 1 not imported."


def test_staff_who_can_not_give_rights_and_superusers_are_shown_no_list(root, rita, bob):
    assert 'class="ends"' not in Site(rita, PEOPLE).page(bob.pk).text
    assert 'class="ends"' not in Site(root, PEOPLE).page(root.pk).text


def test_a_used_or_expired_link_is_not_listed(root, rita, bob):
    link = "the one-time link"
    path = link_from(rita, bob)
    assert link in str(listed(Site(root, PEOPLE).page(bob.pk)))
    set_password(path)
    assert link not in str(listed(Site(root, PEOPLE).page(bob.pk)))


# Who gives rights


@pytest.mark.parametrize("change", [{"is_staff": True}, {"is_superuser": True}, {"global_role": "ADMIN"}])
def test_the_verb_lets_superusers_alone_give_rights(root, rita, bob, change):
    with pytest.raises(User.NeedsSuperuser):
        bob.edit(Actor(rita), **change)
    with pytest.raises(User.NeedsSuperuser):
        User.objects.edit_many({bob.pk: change}, Actor(rita))
    with pytest.raises(User.NeedsSuperuser):
        User.objects.create_user("new@example.org", by=Actor(rita), display_name="New", **change)
    with pytest.raises(User.NeedsSuperuser):
        User.objects.create_many([User(email="new@example.org", display_name="New", **change)], Actor(rita))
    with pytest.raises(User.NeedsSuperuser):
        bob.change_groups(Actor(rita), Group.objects.all())
    bob.edit(Actor(root), **change)


@pytest.mark.parametrize("change", [{"email": "mine@example.org"}, {"display_name": "X"}, {"is_active": False}])
def test_a_change_by_staff_of_a_person_who_gained_rights_meanwhile_is_refused(rita, bob, change):
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    with pytest.raises(User.NeedsSuperuser):
        bob.edit(Actor(rita), **change)
    with pytest.raises(User.NeedsSuperuser):
        bob.change_password(Actor(rita), PASSWORD)
    with pytest.raises(User.NeedsSuperuser):
        ApiKey.objects.issue(bob, Actor(rita))


def test_the_password_form_says_so_if_the_person_gained_rights_meanwhile(rita, bob, monkeypatch):
    save = PasswordForm.save

    def gain_and_save(form, **options):
        User.objects.filter(pk=bob.pk).update(is_staff=True)
        return save(form, **options)

    monkeypatch.setattr(PasswordForm, "save", gain_and_save)
    page = Site(rita, PEOPLE).post(
        f"/admin/tutorarc/user/{bob.pk}/password/",
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
        follow=True,
    )
    assert [str(message) for message in page.context["messages"]] == [User.NeedsSuperuser.message]
    assert User.objects.get(pk=bob.pk).has_usable_password() is False


# Addresses without a canonical form


def test_an_account_whose_address_has_no_canonical_form_can_be_edited(root, bob):
    User.objects.filter(pk=bob.pk).update(email="böb@example.org")
    bob.refresh_from_db()
    assert Site(root, PEOPLE).change(bob.pk, **fields(bob, display_name="Robert")).status_code == 302
    assert (state(bob)["display_name"], state(bob)["email"]) == ("Robert", "böb@example.org")
    refused = Site(root, PEOPLE).change(bob.pk, **fields(bob, email="bób@example.org"))
    assert errors(refused) == {"email": ["Enter a valid email address."]}


def test_the_migration_confirms_the_addresses_of_people_with_rights(root, admin, bob):
    migration = import_module("tutorarc.migrations.0018_addresses_of_people_with_rights")
    migration.confirm(apps, SimpleNamespace(connection=connection))
    confirmed = [user.is_address_confirmed for user in User.objects.filter(pk__in=[root.pk, admin.pk, bob.pk])]
    assert sorted(confirmed) == [False, True, True]
