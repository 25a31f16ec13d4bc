"""Notes on a person, for staff alone."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from tutorarc.domain.events import Actor
from tutorarc.models import Event, Note
from tutorarc.models.event import number_events
from tutorarc.tests.staff.admin_site import Site, recorded, shown_messages

KIND = "tutorarc_user"
TEXT = "Prefers mornings.\n<b>Call</b> the parents."


@pytest.fixture
def colleague(make_user):
    """Another member of staff, who may change people."""
    user = make_user("Clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    return Site(user, KIND)


def add(site, person, text=TEXT):
    return site.post(reverse("admin:tutorarc_user_add_note", args=[person.pk]), {"note": text})


def delete(site, person, note):
    return site.post(reverse("admin:tutorarc_user_delete_note", args=[person.pk, note.pk]))


def test_a_note_is_added_and_shown_newest_first(site, colleague, bob):
    response = add(colleague, bob)
    assert response.url == f"{site.address('change', bob.pk)}#notes"
    assert shown_messages(response) == ["Note added."]
    add(site, bob, "Second")
    page = site.page(bob.pk).text
    assert "Prefers mornings.\n&lt;b&gt;Call&lt;/b&gt; the parents." in page
    assert page.index("Second") < page.index("Prefers mornings.")


def test_the_history_tells_it_without_the_text(site, bob):
    add(site, bob)
    number_events()
    event = Event.objects.numbered().last()
    assert (event.type, event.user_id, event.changes, event.detail) == ("user.note_added", bob.pk, {}, "")
    assert event.data == bob.as_shown()
    delete(site, bob, bob.notes.get())
    assert recorded(bob)[1:] == [("note_added", "Root"), ("note_deleted", "Root")]
    assert "added a note on" in site.get(site.address("history", bob.pk)).text


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001, "a\0b"])
def test_a_text_that_is_empty_or_too_long_is_refused(site, bob, text):
    [message] = shown_messages(add(site, bob, text))
    assert message.startswith("The note was not added: ")
    assert not Note.objects.exists()


def test_only_the_author_deletes_a_note(site, colleague, bob, alice):
    add(site, bob)
    note = bob.notes.get()
    address = reverse("admin:tutorarc_user_delete_note", args=[bob.pk, note.pk])
    assert [address in one.page(bob.pk).text for one in (site, colleague)] == [True, False]
    assert shown_messages(delete(colleague, bob, note)) == ["Only who wrote a note can delete it."]
    assert delete(site, alice, note).status_code == 404
    assert shown_messages(delete(site, bob, note)) == ["Note deleted."]
    assert not bob.notes.exists()


def test_who_may_only_view_people_sees_notes_and_adds_none(site, make_user, bob):
    add(site, bob)
    viewer = make_user("Viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_user"))
    page = Site(viewer, KIND).page(bob.pk).text
    assert ("Prefers mornings." in page, 'name="note"' in page) == (True, False)
    assert add(Site(viewer, KIND), bob, "Mine").status_code == 403
    assert delete(Site(viewer, KIND), bob, bob.notes.get()).status_code == 403
    assert bob.notes.count() == 1


def test_nobody_else_gets_a_note(site, api, admin, bob, algebra, join):
    """Neither by the API, with all its events, nor in the exported list."""
    join(algebra, bob)
    add(site, bob)
    number_events()
    answers = [api(admin).get(path).text for path in (f"/users/{bob.pk}", "/users", "/events?limit=100")]
    export = b"".join(site.get(site.address("export")).streaming_content).decode()
    assert [text for text in [*answers, export] if "mornings" in text or "note" in text] == []
    assert add(Site(bob, KIND), bob).status_code in (302, 403)
    assert bob.notes.count() == 1


def test_a_deleted_account_gets_no_notes(site, bob, delete_account):
    add(site, bob)
    delete_account(bob)
    assert not Note.objects.exists()
    assert shown_messages(add(site, bob))[-1].startswith("The note was not added: ")


@pytest.mark.parametrize("count", [1, 15])
def test_the_page_costs_the_same_for_1_note_and_for_15(root, site, bob, count, django_assert_num_queries):
    for _ in range(count):
        Note.objects.add(bob, "Tea", Actor(root))
    site.page(bob.pk)
    with django_assert_num_queries(13):
        site.page(bob.pk)


@pytest.mark.parametrize("junk", ["usr_junk", "0", "\0"])
def test_an_unknown_person_or_note_is_not_found(site, bob, junk):
    assert site.post(reverse("admin:tutorarc_user_add_note", args=[junk]), {"note": "x"}).status_code == 404
    address = reverse("admin:tutorarc_user_delete_note", args=[bob.pk, 10**30])
    assert (site.post(address).status_code, site.get(address).status_code) == (404, 405)
