"""Deleted accounts: nothing in the database names the person any more (docs/privacy.md, "Deletion")."""

import sys

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import transaction
from django.test import Client

from apikeys.models import ApiKey
from members.models import Invitation, Membership
from sessions.calendars.tokens import feed_path
from sessions.models import LiveSession, Series
from tutorarc.domain import erasure
from tutorarc.domain.erasure import Identity
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.domain.personal_data import PERSONAL_DATA
from tutorarc.exports.models import DataExportPart
from tutorarc.feed.sentences import sentences
from tutorarc.imports.models import Import, ImportFile, ImportLine
from tutorarc.jobs.models import Job
from tutorarc.jobs.run import run
from tutorarc.mail import erasing
from tutorarc.models import BulkChange, Event, LimitCount, SecurityEvent, User
from tutorarc.models.event import number_events
from tutorarc.testing.erasing import do_erasing_jobs
from tutorarc.tests.db.everything import EMAIL, FORMER_EMAIL, IDENTIFYING, NAME, found_in_dump, make_zebulon
from tutorarc.webhooks.models import Endpoint

# Encrypted, or digests: a dump can't show whether they name somebody.
HOLD_NOTHING_READABLE = (DataExportPart, ImportFile, LimitCount, Session)


@pytest.fixture
def zebulon(dora):
    return make_zebulon(dora)


def send_last_mail():
    [job] = Job.objects.claim(["last_mail"], "test", 10)
    run(job)


def test_nothing_names_the_person_any_more(zebulon, delete_account):
    holding = [data.model for data in PERSONAL_DATA.values() if data.model not in HOLD_NOTHING_READABLE]
    assert [model.__name__ for model in holding if not model._base_manager.exists()] == []
    assert found_in_dump() == list(IDENTIFYING)
    delete_account(zebulon)
    send_last_mail()
    assert found_in_dump() == []


def test_small_batches_find_the_same(zebulon, delete_account, monkeypatch):
    names = ("TOGETHER", "DELIVERIES", "IMPORTS", "LINES", "CALLS", "LOOKED_AT")
    for step in erasure.steps_in_order().values():
        module = sys.modules[step.__module__]
        for name in names:
            if hasattr(module, name):
                monkeypatch.setattr(module, name, 1)
    make_more_rows(zebulon)
    delete_account(zebulon)
    send_last_mail()
    assert found_in_dump() == []


def make_more_rows(zebulon):
    """So that each table has several rows."""
    for model in (Import, BulkChange):
        row = model.objects.get()
        row.pk = None if model is BulkChange else Import().pk
        row.save(force_insert=True)
    for about in Import.objects.all():
        ImportLine.objects.create(about=about, part="people", file="", line=3, label=NAME, reason="", cells={})


def test_the_row_stays_without_anything_of_the_person(zebulon, delete_account):
    person = delete_account(zebulon)
    assert person.as_shown() == {
        "id": zebulon.pk,
        "email": f"deleted-{zebulon.pk}@deleted.invalid",
        "display_name": "Deleted user",
        "global_role": "STUDENT",
        "status": "DEACTIVATED",
        "external_id": None,
        "time_zone": "",
    }
    assert (person.has_usable_password(), person.is_staff, person.is_superuser) == (False, False, False)
    assert (person.groups.count(), person.usersession_set.count(), person.emailaddress_set.count()) == (0, 0, 0)


def test_keys_webhooks_memberships_and_invitations_end_and_others_stay(zebulon, delete_account):
    delete_account(zebulon)
    assert [(key.name, bool(key.revoked_at)) for key in ApiKey.objects.order_by("pk")] == [
        ("Deleted key", True),
        ("Other", False),
    ]
    assert list(Endpoint.objects.values_list("owner__display_name", flat=True)) == ["Dora"]
    members = Membership.objects.order_by("klass__title", "pk")
    assert list(members.values_list("klass__title", "user__display_name", "status")) == [
        ("Algebra", "Deleted user", "REMOVED"),
        ("Algebra", "Dora", "APPROVED"),
        ("Chess", "Dora", "APPROVED"),
        ("Old", "Dora", "APPROVED"),
        ("Old", "Deleted user", "APPROVED"),  # archived
    ]
    gone = (zebulon.stand_in, "", "REVOKED", "")
    assert list(Invitation.objects.order_by("pk").values_list("email", "name", "stored_status", "message")) == [
        *[gone] * 3,
        ("bob@example.org", "Bob", "PENDING", ""),
    ]


def test_own_lessons_are_cancelled_and_those_of_classes_stay(zebulon, delete_account):
    delete_account(zebulon)
    lessons = LiveSession.objects.exclude(title="Rooks").order_by("pk")
    assert [(lesson.title, lesson.teacher_ref, bool(lesson.cancelled_at)) for lesson in lessons] == [
        ("Groups", "deleted", False),
        ("Openings", "deleted", False),
        ("Deleted lesson", "deleted", True),
        ("Deleted lesson", "deleted", True),
    ]


def test_an_own_series_loses_its_title(alice, algebra, api, delete_account, half_past_nine):
    body = {"title": "Mine", "startTime": "2036-03-20T10:00:00Z", "duration": 60, "teacherId": "t"}
    body |= {"recurrence": "FREQ=WEEKLY;COUNT=2", "timeZone": "Europe/Berlin"}
    for of_class in ({}, {"classId": algebra.pk}):
        api(alice).post("/sessions", body | of_class)
    algebra.memberships.filter(user=alice).update(role="STUDENT")
    delete_account(alice)
    assert list(Series.objects.order_by("pk").values_list("title", flat=True)) == ["Deleted lesson", "Mine"]


def test_a_class_keeps_its_history_and_has_one_person_fewer(algebra, bob, join, delete_account):
    join(algebra, bob)
    number_events()
    before = list(Event.objects.order_by("position").values_list("pk", "type", "position", "created_at"))
    delete_account(bob)
    number_events()
    events = Event.objects.order_by("position")
    assert list(events.values_list("pk", "type", "position", "created_at"))[: len(before)] == before
    assert list(events.values_list("type", "actor_user_id"))[len(before) :] == [
        ("user.deactivated", bob.pk),
        ("membership.left", bob.pk),
        ("user.updated", None),
    ]
    assert Membership.objects.filter(klass=algebra, status="APPROVED").count() == 1
    [told] = sentences(list(Event.objects.filter(type="membership.left")))
    assert told.text == '<bdi dir="auto">Deleted user</bdi> left the class'


def test_the_last_event_says_what_the_account_is_called_now(bob, delete_account):
    delete_account(bob)
    number_events()
    [closed, last] = Event.objects.filter(user_id=bob.pk).order_by("position")[1:]
    assert (closed.changes, last.changes) == ({"status": ["ACTIVE", "DEACTIVATED"]}, {})
    assert closed.data == last.data == bob.as_shown()


def test_staff_remove_the_person_from_classes(algebra, bob, join, root, delete_account):
    join(algebra, bob)
    delete_account(bob, by=root)
    number_events()
    [event] = Event.objects.filter(type="membership.removed")
    assert event.actor_user_id == root.pk


def test_it_is_in_the_security_log_without_name_browser_and_address(zebulon, root, delete_account):
    delete_account(zebulon)
    assert SecurityEvent.objects.filter(user=zebulon, kind="account.deleted", actor=zebulon).count() == 1
    seen = SecurityEvent.objects.filter(user=zebulon).exclude(address="", browser="", request_id="")
    assert list(seen) == []


def test_the_last_mail_goes_to_the_old_address(zebulon, delete_account):
    delete_account(zebulon)
    send_last_mail()
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([EMAIL], "Your TutorArc account is deleted")
    assert Job.objects.filter(kind="last_mail").count() == 0


def test_a_job_that_was_killed_between_two_batches_is_done_again(zebulon, monkeypatch):
    monkeypatch.setattr(erasing, "BATCHES_OF_A_JOB", 3)
    zebulon.close_for_deletion(Actor(zebulon))
    for killed_after in range(1, 4):
        [job] = Job.objects.claim(["erase_account"], "killed", 1)
        calls = iter(range(killed_after))
        monkeypatch.setattr(erasing, "_next_batch", dies_after(calls, erasing._next_batch))
        with pytest.raises(KeyboardInterrupt):
            run(job)
        monkeypatch.undo()
        Job.objects.filter(pk=job.pk).update(claim=None, due_at=job.created_at)
    do_erasing_jobs()
    send_last_mail()
    assert found_in_dump() == []
    assert len(mail.outbox) == 1


def dies_after(calls, batch):
    def next_batch(*args):
        result = batch(*args)
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return result

    return next_batch


def test_a_job_that_is_done_twice_changes_nothing(zebulon, delete_account):
    delete_account(zebulon)
    number_events()
    before = Event.objects.count()
    erasing.erase({"user": zebulon.pk, "by": None, "step": "", "after": ""})
    number_events()
    assert (Event.objects.count(), Job.objects.filter(kind="last_mail").count()) == (before, 1)


@pytest.mark.parametrize("address", [EMAIL, FORMER_EMAIL])
def test_the_address_can_be_used_for_a_new_account(zebulon, delete_account, address):
    delete_account(zebulon)
    new = User.objects.create_user(address, display_name=NAME)
    assert (new.pk != zebulon.pk, User.objects.filter(display_name="Deleted user").count()) == (True, 1)


def test_old_keys_links_and_addresses_do_not_work(api, bob, delete_account):
    key, link, calendar = api(bob), bob.make_password_link(SYSTEM), feed_path(bob)
    pages = Client()
    assert (key.get("/me").status_code, pages.get(link).status_code, pages.get(calendar).status_code) == (200, 302, 200)
    delete_account(bob)
    assert (key.get("/me").status_code, pages.get(calendar).status_code) == (401, 404)
    assert "This link is not valid" in Client().get(link).text


def test_the_last_superuser_stays(root):
    with pytest.raises(User.LastSuperuser), transaction.atomic():
        root.close_for_deletion(Actor(root))


def test_a_superuser_who_is_not_the_last_can_be_deleted(root, make_user, delete_account):
    make_user("Second", "ADMIN", is_staff=True, is_superuser=True)
    assert delete_account(root).display_name == "Deleted user"


def test_the_only_teacher_of_a_class_is_refused_until_it_is_archived(alice, algebra, delete_account):
    with pytest.raises(Membership.LastTeacher) as refusal, transaction.atomic():
        alice.close_for_deletion(Actor(alice))
    assert [detail.id for detail in refusal.value.details] == [algebra.pk]
    algebra.archive(Actor(alice))
    assert delete_account(alice).display_name == "Deleted user"


def test_staff_may_not_delete_people_with_rights(make_user, admin):
    helper = make_user("Helper", is_staff=True)
    with pytest.raises(User.NeedsSuperuser), transaction.atomic():
        admin.close_for_deletion(Actor(helper))


def test_a_deleted_account_can_not_be_changed(bob, root, delete_account):
    person = delete_account(bob)
    for change in ({"is_active": True}, {"email": "new@example.org"}):
        with pytest.raises(User.Deleted), transaction.atomic():
            person.edit(Actor(root), **change)
    with pytest.raises(User.Deleted), transaction.atomic():
        person.make_password_link(Actor(root))


def test_steps_have_names_of_their_own():
    with pytest.raises(ValueError, match="two steps memberships"):
        erasure.erasing("memberships")(lambda *_: "")


@pytest.mark.parametrize(
    ("text", "blanked"),
    [
        ("Ann Lee", "deleted"),
        ("ask ANN LEE, or ann.lee@example.org!", "ask deleted, or deleted!"),
        ("Joann Leeds", "Joann Leeds"),
        ("A7", "A7"),
        ("S-9", "deleted"),
        ("Room S-9", "Room S-9"),
    ],
)
def test_what_names_a_person_is_found_in_texts(text, blanked):
    identity = Identity.of(["Ann Lee", "A7", "S-9", None], ["ann.lee@example.org"])
    assert identity.blanked([{"who": text}]) == [{"who": blanked}]
