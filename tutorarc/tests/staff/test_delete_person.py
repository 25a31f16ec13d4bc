"""The admin action "Delete account"."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.models import SecurityEvent, User
from tutorarc.testing.erasing import do_erasing_jobs
from tutorarc.tests.staff.admin_site import Site

KIND = "tutorarc_user"
DELETED = ["Person deleted.", "Names and addresses are removed within about a minute."]


@pytest.fixture
def registrar(make_user):
    user = make_user("Rita", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return Site(user, KIND)


def test_it_asks_first_and_names_the_person(site, bob):
    page = site.post(site.address("changelist"), {"action": "delete_account", "_selected_action": [bob.pk]})
    assert ("The name and the address are removed everywhere" in page.text, bob.email in page.text) == (True, True)
    assert not User.objects.get(pk=bob.pk).is_deleted


def test_a_registrar_deletes_a_student(registrar, bob):
    assert registrar.act("delete_account", [bob]) == DELETED
    do_erasing_jobs()
    assert User.objects.get(pk=bob.pk).display_name == "Deleted user"
    [event] = SecurityEvent.objects.filter(kind="account.deleted")
    assert (event.user_id, event.actor_id, event.details) == (bob.pk, registrar.user.pk, {})
    assert registrar.act("delete_account", [bob]) == ["0 of 1 people deleted.", "1 was already deleted."]


def test_the_password_is_asked_for_again(site, bob, settings):
    settings.CONFIRMED_FOR = timedelta()
    data = {"action": "delete_account", "_selected_action": [bob.pk], "sure": "yes"}
    assert site.post(site.address("changelist"), data)["Location"].startswith("/accounts/reauthenticate/")
    assert not User.objects.get(pk=bob.pk).is_deleted


def test_people_with_rights_need_a_superuser(registrar, site, admin):
    assert registrar.act("delete_account", [admin])[1:] == [
        "Admin <admin@example.org>: Only a superuser may change this person's access."
    ]
    assert site.act("delete_account", [admin]) == DELETED


def test_the_own_account_and_the_only_teacher_are_refused(site, root, alice, algebra):
    counted, of_alice, of_root = site.act("delete_account", [root, alice])
    assert counted == "0 of 2 people deleted."
    assert of_alice.startswith(
        "Alice &lt;alice@example.org&gt;: Hand these classes over to another teacher, or archive them, first. "
        'Algebra would have no active teacher. <a class="text-link underline"'
    )
    assert of_root == "Root <root@example.org>: You can't do this to your own account. Ask another member of staff."
    Class.objects.get().archive(Actor(alice))
    assert site.act("delete_account", [alice]) == DELETED


def test_the_page_of_a_deleted_person_can_only_be_read(site, bob, delete_account):
    assert ("Delete account" in site.page(bob.pk).text, "deleted at" in site.page(bob.pk).text.lower()) == (True, False)
    delete_account(bob)
    page = site.page(bob.pk)
    assert (page.status_code, 'name="_save"' in page.text) == (200, False)
    assert ("Delete account" in page.text, "deleted at" in page.text.lower()) == (False, True)
