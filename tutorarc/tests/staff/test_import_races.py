"""Concurrent imports and additions of people: real threads, each with a database connection of its own."""

from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.staff.import_pages import MEANWHILE
from tutorarc.testing.events import events_about, events_of
from tutorarc.tests.staff.admin_site import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("attempt", range(3))]

PEOPLE = "email,display_name\nzoe@example.org,Zoë\nyan@example.org,Yan\n"


def previewed(user, kind, text):
    """A call that confirms an import after its preview, and returns whether it was done."""
    site = Site(user, kind)
    page = site.post(site.address("import"), {"file": SimpleUploadedFile("file.csv", text.encode())})

    def consent():
        response = site.post(site.address("import"), {"ticket": page.context["ticket"]})
        said = b"".join(response.streaming_content).decode()
        assert ("Done:" in said) != (MEANWHILE in said)
        return "Done:" in said

    return consent


def test_only_one_of_two_concurrent_imports_of_the_same_people_succeeds(attempt, root, run_together):
    done = run_together([previewed(root, "tutorarc_user", PEOPLE) for _ in range(2)])
    assert sorted(done) == [False, True]
    assert [event.actor_user_id for event in events_about(User, "created")].count(root.pk) == 2


def test_of_two_concurrent_additions_of_one_address_one_is_refused(attempt, root, run_together, monkeypatch):
    checked = Barrier(2)
    monkeypatch.setattr(User, "full_clean", lambda user, **_: checked.wait(timeout=30))
    done = run_together([lambda: User.objects.create_user("zoe@example.org", by=Actor(root), display_name="Zoë")] * 2)
    assert sorted(type(one).__name__ for one in done) == ["EmailTaken", "User"]
    assert [event.data["email"] for event in events_about(User)].count("zoe@example.org") == 1


def test_people_are_not_changed_during_an_import(attempt, root, bob, run_together):
    """Otherwise the import would overwrite a name that the preview did not show."""
    consent = previewed(root, "tutorarc_user", "email,display_name\nbob@example.org,Robert\n")
    done, _ = run_together([consent, lambda: User.objects.get(pk=bob.pk).edit(Actor(root), display_name="Bobby")])
    names = [event.data["display_name"] for event in events_of(bob, "user.updated")]
    assert names == (["Robert", "Bobby"] if done else ["Bobby"])


def test_only_one_of_two_concurrent_imports_of_one_roster_succeeds(attempt, algebra, root, bob, charlie, run_together):
    text = "".join(f"{algebra.class_code},{user.email}\n" for user in (bob, charlie))
    done = run_together([previewed(root, "members_membership", f"class,email\n{text}") for _ in range(2)])
    assert sorted(done) == [False, True]
    assert [event.detail for event in events_about(Membership, "enrolled")].count("") == 2


def test_no_member_is_imported_after_a_concurrent_archive(attempt, algebra, alice, root, bob, run_together):
    text = f"class,email\n{algebra.class_code},{bob.email}\n"
    done, _ = run_together([previewed(root, "members_membership", text), lambda: algebra.archive(Actor(alice))])
    enrolled = [event for event in events_about(Membership) if event.user_id == bob.pk]
    assert [len(enrolled), algebra.memberships.filter(user=bob).count()] == [int(done)] * 2
    if done:
        assert enrolled[0].created_at <= events_of(algebra)[-1].created_at
