"""Audit records of the version before events become the events that verbs would have written."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from apikeys.models import ApiKey
from members.models import Membership
from tutorarc.domain.events import SYSTEM, Actor, events_recorded
from tutorarc.models import Event
from tutorarc.models.event import number_events
from tutorarc.ops import former_records
from tutorarc.ops.former_records import copy_all, copy_newest
from tutorarc.testing.events import events_of
from tutorarc.testing.records import write_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def recording():
    """Write a record for each event, as the version before would."""

    def write(sender, rows, by, verb, **_):
        for row in rows:
            event = events_of(row)[-1]
            reason = f"{verb}: {event.detail}" if verb == "set_groups" else verb
            write_record(
                sender._meta.app_label,
                sender.__name__,
                row,
                reason,
                from_status=event.from_status,
                history_type="+" if event.happened in ("created", "requested", "enrolled", "scheduled") else "~",
                history_date=event.created_at,
                history_user_id=by.user and by.user.pk,
                history_credential=by.key and by.key.pk,
            )

    events_recorded.connect(write)
    yield
    events_recorded.disconnect(write)


def told():
    """All that events tell, but for their ids."""
    names = [field.attname for field in Event._meta.fields if field.attname not in ("id", "position")]
    return [tuple(values) for values in Event.objects.order_by("pk").values_list(*names)]


def forget_events():
    """Returns what the events told."""
    number_events()
    before = told()
    Event.objects.all().delete()
    return before


def test_each_record_becomes_the_event_of_its_verb(recording, root, alice, bob, make_user, schedule):
    by = Actor(alice, ApiKey.objects.issue(alice, Actor(root))[0])
    klass = alice.classes_created.model.objects.create_with_teacher(by, title="Algebra")
    klass.edit(by, title="Algebra 2", description="Groups")
    Membership.objects.request(klass, klass.class_code, Actor(bob))
    Membership.objects.approve(klass, [bob.pk], by)
    Membership.objects.change_role(klass, make_member(klass, make_user("Cleo", "TEACHER"), by), "TEACHER", by)
    session = schedule(klass=klass, start_time=datetime(2036, 3, 20, 10, tzinfo=UTC)).reschedule(by, duration=90)
    session.renew_links(by)
    session.cancel(by)
    klass.archive(by)
    bob.edit(Actor(root), display_name="Robert", is_active=False)
    bob.change_groups(Actor(root), [Group.objects.create(name="Office")])
    bob.change_password(SYSTEM, None)
    by.key.rotate(Actor(alice), timedelta(hours=1))
    ApiKey.objects.get(pk=by.key.pk).revoke(Actor(root))
    before = forget_events()
    assert (copy_all(), number_events()) == (len(before), len(before))
    assert sorted(told(), key=str) == sorted(before, key=str)


def make_member(klass, user, by):
    Membership.objects.enrol(klass, user, "STUDENT", by)
    return user.pk


def test_copied_events_are_in_the_order_of_their_time(recording, make_user, monkeypatch):
    monkeypatch.setattr("tutorarc.ops.former_records.BATCH", 2)
    for name in ("Alice", "Bob", "Cleo"):
        person = make_user(name)
        person.edit(SYSTEM, display_name=f"{name} the second")
        ApiKey.objects.issue(person, SYSTEM)
    forget_events()
    copy_all()
    number_events()
    times = list(Event.objects.numbered().values_list("created_at", flat=True))
    assert (len(times), times) == (9, sorted(times))


def test_copying_again_adds_what_is_missing_and_nothing_twice(recording, make_user, monkeypatch):
    monkeypatch.setattr("tutorarc.ops.former_records.BATCH", 2)
    people = [make_user(f"Person {number}") for number in range(5)]
    forget_events()
    assert copy_all() == 5
    kept = told()
    Event.objects.filter(user_id=people[1].pk).delete()  # as if the first attempt had been interrupted
    assert (copy_all(), copy_all(), told()) == (1, 0, kept)


def test_prune_copies_what_the_version_before_still_wrote(recording, alice, bob):
    forget_events()
    copy_all()
    bob.edit(SYSTEM, display_name="Robert")
    Event.objects.filter(type="user.updated").delete()  # it wrote the record alone
    call_command("prune", stdout=StringIO())
    assert [event.changes for event in events_of(bob)[1:]] == [{"display_name": ["Bob", "Robert"]}]
    assert copy_newest() == 0


def test_an_interrupted_copy_of_the_newest_records_goes_on(recording, make_user, monkeypatch):
    monkeypatch.setattr(former_records, "BATCH", 2)
    for number in range(2):
        make_user(f"Person {number}")
    forget_events()
    copy_all()
    number_events()
    copied = list(Event.objects.values_list("pk", flat=True))
    for number in range(5):
        make_user(f"Newcomer {number}")
    Event.objects.exclude(pk__in=copied).delete()
    with monkeypatch.context() as patch:
        batches = [former_records._copy]  # the second one fails
        patch.setattr(former_records, "_copy", lambda *arguments: batches.pop()(*arguments))
        with pytest.raises(IndexError):
            copy_newest()
    assert 0 < Event.objects.filter(position=None).count() < 5
    copy_newest()
    assert Event.objects.filter(position=None).count() == 5


def test_without_the_tables_there_is_nothing_to_copy(monkeypatch):
    monkeypatch.setattr("tutorarc.ops.former_records.connection.introspection.table_names", list)
    assert (copy_all(), copy_newest()) == (0, 0)
