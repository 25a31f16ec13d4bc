"""One-time links to set a password, made by staff for people without mail."""

import re

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client

from tutorarc.domain.events import SYSTEM
from tutorarc.http.session_store import SessionStore
from tutorarc.models import User
from tutorarc.tests.staff.admin_site import Site, recorded

KIND = "tutorarc_user"

LINK = re.compile(r"http://testserver(/accounts/link/[^<\s]+)")
PASSWORD = "a-longer-staple-7"


@pytest.fixture
def clerk_site(make_user):
    """Staff who may change people, and are no superuser."""
    clerk = make_user("Clerk", is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return Site(clerk, "tutorarc_user")


def make(site, *people):
    keys = [person.pk for person in people]
    return site.post(
        site.address("changelist"), {"action": "make_password_links", ACTION_CHECKBOX_NAME: keys}, follow=True
    )


def links(page):
    return LINK.findall(page.content.decode())


def notices(page):
    return [str(message) for message in page.context["messages"]]


def set_password(path):
    visitor = Client()
    form = visitor.get(path, follow=True)
    return visitor.post(form.request["PATH_INFO"], {"new_password1": PASSWORD, "new_password2": PASSWORD})


def test_a_person_without_a_password_sets_one_by_a_link_that_works_once(site, bob):
    page = make(site, bob)
    assert notices(page) == ["Person given a link."]
    [path] = links(page)
    assert set_password(path)["Location"] == "/accounts/login/"
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    assert recorded(bob) == [("created", None), ("password_link_made", "Root"), ("password_set", "Bob")]
    assert b"This link is not valid" in set_password(path).content


def test_the_link_is_shown_in_the_response_and_stored_nowhere(site, bob):
    page = make(site, bob)
    assert (page.status_code, page.redirect_chain, "no-store" in page["Cache-Control"]) == (200, [], True)
    token = links(page)[0].rstrip("/").rsplit("/", 1)[1]
    assert [token in str(SessionStore(session.pk).load()) for session in Session.objects.all()] == [False]
    assert token not in str(page.cookies)
    assert links(site.listing()) == []


def test_each_person_gets_a_link_of_their_own(site, bob, charlie):
    page = make(site, bob, charlie)
    first, second = links(page)
    assert first != second
    set_password(first)
    assert [user.has_usable_password() for user in User.objects.filter(pk__in=[bob.pk, charlie.pk])] == [True, False]


def test_inactive_people_get_no_link_and_the_others_do(site, bob, charlie):
    bob.edit(SYSTEM, is_active=False)
    page = make(site, bob, charlie)
    assert (len(links(page)), notices(page)) == (
        1,
        ["1 of 2 people given a link.", "Bob <bob@example.org>: This person is not active, and so can't sign in."],
    )
    assert recorded(bob) == [("created", None), ("deactivated", None)]


@pytest.mark.parametrize("powers", [{"is_staff": True}, {"is_superuser": True}])
def test_staff_get_no_link_for_people_with_more_rights(clerk_site, make_user, powers):
    above = make_user("Above", **powers)
    page = make(clerk_site, above)
    assert (links(page), notices(page)) == (
        [],
        ["0 of 1 people given a link.", "Above <above@example.org>: Only a superuser may change this person's access."],
    )
    assert recorded(above) == [("created", None)]


def test_staff_get_links_for_everybody_else_and_themselves(clerk_site, bob):
    assert len(links(make(clerk_site, bob, clerk_site.user))) == 2


@pytest.mark.parametrize(
    ("role", "powers", "offered"),
    [
        ("TEACHER", {}, ["invite", "make_password_links", "export_data", "delete_account"]),
        ("TEACHER", {"is_staff": True}, []),
        ("TEACHER", {"is_superuser": True}, []),
        ("ADMIN", {}, []),
    ],
)
def test_the_page_of_people_with_more_rights_offers_no_link_and_shows_no_password_state(
    clerk_site, make_user, role, powers, offered
):
    person = make_user("Above", role, password="correct horse battery", **powers)
    page = clerk_site.page(person.pk)
    assert [name for name, *_ in page.context["record_actions"]] == offered
    assert ("password" in flatten_fieldsets(page.context["adminform"].fieldsets)) is bool(offered)


def test_staff_with_view_rights_alone_are_offered_no_link(clerk_site, bob):
    clerk_site.user.user_permissions.set(Permission.objects.filter(codename="view_user"))
    assert b"make_password_links" not in clerk_site.listing().content
    assert links(make(clerk_site, bob)) == []
    assert recorded(bob) == [("created", None)]
