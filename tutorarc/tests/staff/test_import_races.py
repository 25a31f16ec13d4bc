"""Concurrent imports and additions of people: real threads, each with a database connection of its own."""

from threading import Barrier

import pytest

from members.models import Membership
from tutorarc.domain.events import Actor
from tutorarc.imports.models import Import
from tutorarc.imports.work import carry_out
from tutorarc.imports.work import start as start_work
from tutorarc.models import User
from tutorarc.testing.events import events_about, events_of
from tutorarc.tests.imports.importing import page_of, preview
from tutorarc.tests.staff.admin_site import Site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("attempt", range(3))]

PEOPLE = "email,display_name\nzoe@example.org,Zoë\nyan@example.org,Yan\n"


def previewed(user, kind, text):
    """A call that starts an import after its preview, and returns how many rows it added and changed."""
    site = Site(user, kind)
    page = preview(site, text)

    def begin():
        site.post(page_of(page), {"start": "yes"})
        return Import.objects.get(pk=page.context["about"].pk).changes

    return begin


def test_of_two_concurrent_imports_of_the_same_people_each_is_added_once(attempt, root, run_together):
    done = run_together([previewed(root, "tutorarc_user", PEOPLE) for _ in range(2)])
    assert sum(done) == 2
    assert [event.actor_user_id for event in events_about(User, "created")].count(root.pk) == 2


def test_one_import_that_is_carried_out_twice_at_once_is_written_once(attempt, root, run_together):
    page = preview(Site(root, "tutorarc_user"), PEOPLE)
    about = page.context["about"]
    start_work(about)
    run_together([lambda: carry_out({"import": about.pk})] * 2)
    about.refresh_from_db()
    assert (about.summary, about.done, about.state) == ("2 added, 0 changed, 0 left alone", 2, "done")
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


def test_of_two_concurrent_imports_of_one_roster_each_person_is_enrolled_once(
    attempt, algebra, root, bob, charlie, run_together
):
    text = "".join(f"{algebra.class_code},{user.email}\n" for user in (bob, charlie))
    done = run_together([previewed(root, "members_membership", f"class,email\n{text}") for _ in range(2)])
    assert sum(done) == 2
    assert [event.detail for event in events_about(Membership, "enrolled")].count("") == 2


def test_no_member_is_imported_after_a_concurrent_archive(attempt, algebra, alice, root, bob, run_together):
    text = f"class,email\n{algebra.class_code},{bob.email}\n"
    done, _ = run_together([previewed(root, "members_membership", text), lambda: algebra.archive(Actor(alice))])
    enrolled = [event for event in events_about(Membership) if event.user_id == bob.pk]
    assert [len(enrolled), algebra.memberships.filter(user=bob).count()] == [done] * 2
    if done:
        assert enrolled[0].created_at <= events_of(algebra)[-1].created_at
