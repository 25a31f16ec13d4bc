"""Actions on many people: at once, and in the background beyond the limit of one request."""

import pytest
from django.urls import reverse

from tutorarc.domain.events import Actor
from tutorarc.jobs.models import Job
from tutorarc.models import BulkChange, User
from tutorarc.staff import actions, bulk_changes
from tutorarc.staff.bulk_changes import continue_bulk_change
from tutorarc.testing.events import types_of
from tutorarc.tests.staff.admin_site import Site, everything

KIND = "tutorarc_user"


@pytest.fixture
def pupils(make_user):
    return [make_user(f"Pupil{number}") for number in range(5)]


@pytest.fixture
def few(monkeypatch):
    """One request changes two people, one transaction of a job too, and one job has two transactions."""
    monkeypatch.setattr(actions, "MAX_AT_ONCE", 2)
    monkeypatch.setattr(bulk_changes, "TOGETHER", 2)
    monkeypatch.setattr(bulk_changes, "TRANSACTIONS_OF_A_JOB", 2)


def now(people):
    return User.objects.filter(pk__in=[person.pk for person in people])


def across(site, action, people, **fields):
    """Choose the action for all rows of the list on all its pages."""
    data = {"action": action, "_selected_action": [people[0].pk], "select_across": "1", **fields}
    return site.post(f"{site.address('changelist')}?global_role__exact=STUDENT", data)


@pytest.mark.parametrize(
    ("action", "message", "changes"),
    [
        ("deactivate", "5 people deactivated.", {"is_active": False}),
        ("make_teachers", "5 people given the role Teacher.", {"global_role": "TEACHER"}),
    ],
)
def test_people_are_changed_at_once(site, pupils, action, message, changes):
    assert site.act(action, pupils) == [message]
    assert now(pupils).filter(**changes).count() == 5
    assert types_of(pupils[0])[0] == "created"


def test_what_is_so_already_is_told(site, pupils, root):
    pupils[0].edit(Actor(root), is_active=False)
    assert site.act("deactivate", pupils[:2]) == ["1 of 2 people deactivated.", "1 was already deactivated."]
    assert site.act("reactivate", pupils[:2]) == ["2 people reactivated."]


def test_the_reason_is_told_for_who_could_not_be_changed(site, root, bob):
    messages = site.act("deactivate", [root, bob])
    assert messages[0] == "1 of 2 people deactivated."
    assert messages[1].endswith("You can't do this to your own account. Ask another member of staff.")
    assert User.objects.get(pk=root.pk).is_active


def test_an_invitation_is_mailed(site, pupils, root):
    pupils[1].edit(Actor(root), is_active=False)
    messages = site.act("invite", pupils[:2])
    assert (messages[0], len(messages)) == ("1 of 2 people invited.", 2)
    [job] = Job.objects.filter(kind="welcome_mail")
    assert job.payload == {"people": [pupils[0].pk], "site": "http://testserver"}


def test_more_people_are_asked_about_and_changed_in_the_background(site, pupils, few):
    before = everything()
    page = across(site, "deactivate", pupils).content.decode()
    assert ("All 5 people" in page, everything() == before) == (True, True)
    response = across(site, "deactivate", pupils, sure="yes")
    run = BulkChange.objects.get()
    assert response.url == reverse("admin:tutorarc_user_bulk_change", args=[run.pk])
    page = site.get(response.url)
    assert (page["Refresh"], "0 of 5 people are done" in page.content.decode()) == ("3", True)
    continue_bulk_change({"change": run.pk})
    assert now(pupils).filter(is_active=False).count() == 4
    assert Job.objects.filter(kind="bulk_change").count() == 1
    continue_bulk_change({"change": run.pk})
    page = site.get(response.url)
    assert ("Refresh" in page, "Done: 5 of 5 people were deactivated." in page.content.decode()) == (False, True)


def test_a_run_that_is_done_again_after_a_crash_changes_nobody_twice(site, pupils, few):
    across(site, "deactivate", pupils, sure="yes")
    pk = BulkChange.objects.get().pk
    for _ in range(5):
        continue_bulk_change({"change": pk})
    assert [types_of(person) for person in pupils] == [["created", "deactivated"]] * 5
    assert (BulkChange.objects.get().done, BulkChange.objects.get().changed) == (5, 5)


def test_the_result_lists_who_could_not_be_changed(site, pupils, few, monkeypatch, alice, algebra):
    run = BulkChange.objects.create(
        by=site.user, action="deactivate", label="Deactivate", keys=[alice.pk, pupils[0].pk]
    )
    continue_bulk_change({"change": run.pk})
    page = site.get(reverse("admin:tutorarc_user_bulk_change", args=[run.pk])).content.decode()
    assert ("Not changed (1)" in page, "alice@example.org" in page, "Algebra" in page) == (True, True, True)


def test_rights_that_were_lost_meanwhile_change_nobody(make_user, pupils):
    run = BulkChange.objects.create(
        by=make_user("Former"), action="deactivate", label="Deactivate", keys=[person.pk for person in pupils]
    )
    continue_bulk_change({"change": run.pk})
    run.refresh_from_db()
    assert (run.changed, len(run.refused), now(pupils).filter(is_active=True).count()) == (0, 5, 5)


def test_only_staff_who_may_change_people_see_the_result(make_user, root):
    run = BulkChange.objects.create(by=root, action="deactivate", label="Deactivate", keys=[])
    address = reverse("admin:tutorarc_user_bulk_change", args=[run.pk])
    viewer = Site(make_user("Viewer", is_staff=True), KIND)
    assert (viewer.get(address).status_code, viewer.get(f"{address[:-1]}9{'9' * 30}/").status_code) == (403, 403)


def test_other_actions_keep_their_limit(site, pupils, few):
    response = across(site, "remove_second_factors", pupils, sure="yes")
    assert response.status_code == 302
    assert BulkChange.objects.count() == 0
