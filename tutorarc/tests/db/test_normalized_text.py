"""Rows from before the rules for text: migrations bring them into the form in which text is stored today."""

from importlib import import_module

import pytest

from apikeys.models import ApiKey
from classes.models import Class
from sessions.models import LiveSession
from tutorarc.domain.clock import parse_datetime
from tutorarc.domain.events import SYSTEM, Actor
from tutorarc.models import User
from tutorarc.testing.records import apps_before_events, records_of

pytestmark = pytest.mark.django_db
USERS = import_module("tutorarc.migrations.0010_normalized_text")


@pytest.fixture
def klass(alice):
    return Class.objects.create_with_teacher(Actor(alice), title="Algebra")


def stored(row, *fields):
    return type(row).objects.values_list(*fields).get(pk=row.pk)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Jose\u0301", "Jos\u00e9"),
        ("An\u202en\u200b\tLee", "Ann Lee"),
        ("Ann  Lee", "Ann  Lee"),
        ("\u3164\u2800", "bob"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_names_are_repaired(bob, before, after):
    User.objects.filter(pk=bob.pk).update(display_name=before)
    USERS.normalize_names(apps_before_events(), None)
    assert stored(bob, "display_name") == (after,)
    assert records_of("tutorarc", "User", bob) == (["edit"] if before != after else [])


def test_the_record_holds_the_row_as_it_became(bob):
    User.objects.filter(pk=bob.pk).update(display_name="Jose\u0301")
    USERS.normalize_names(apps_before_events(), None)
    record = apps_before_events().get_model("tutorarc", "HistoricalUser").objects.get()
    assert (record.display_name, record.email, record.global_role) == ("Jos\u00e9", "bob@example.org", "STUDENT")


def test_addresses_become_canonical(bob):
    User.objects.filter(pk=bob.pk).update(email="bob@münchen.de")
    USERS.normalize_addresses(apps_before_events(), None)
    assert stored(bob, "email") == ("bob@xn--mnchen-3ya.de",)


def test_an_address_that_cannot_be_canonical_is_left_and_reported(bob, charlie, dora, caplog):
    User.objects.filter(pk=bob.pk).update(email="bob@münchen.de")
    User.objects.filter(pk=charlie.pk).update(email="bob@xn--mnchen-3ya.de")
    User.objects.filter(pk=dora.pk).update(email="d\u0131ra@example.org")
    USERS.normalize_addresses(apps_before_events(), None)
    assert [stored(bob, "email"), stored(dora, "email")] == [("bob@münchen.de",), ("d\u0131ra@example.org",)]
    assert [record.getMessage() for record in caplog.records] == [
        f"The address of {bob.pk} is left as it is: somebody else has its canonical form.",
        f"The address of {dora.pk} is left as it is: it has no canonical form.",
    ]


def test_titles_and_descriptions_are_repaired(klass):
    Class.objects.filter(pk=klass.pk).update(title="\u200b", description="Jose\u0301\n\u202e")
    import_module("classes.migrations.0003_normalized_text").normalize(apps_before_events(), None)
    assert stored(klass, "title", "description") == ("Untitled", "Jos\u00e9\n")


def test_sessions_are_repaired_and_ids_of_integrators_only_composed(alice):
    start = parse_datetime("2030-01-01T10:00:00Z")
    session = LiveSession.objects.schedule(Actor(alice), title="A", start_time=start, duration=60, teacher_ref="t")
    LiveSession.objects.filter(pk=session.pk).update(title="A\u200b", teacher_ref="e\u0301\t")
    import_module("sessions.migrations.0004_normalized_text").normalize(apps_before_events(), None)
    assert stored(session, "title", "teacher_ref") == ("A", "\u00e9\t")


def test_names_of_keys_are_repaired(alice):
    key, _ = ApiKey.objects.issue(alice, SYSTEM)
    ApiKey.objects.filter(pk=key.pk).update(name="Sync\u200b")
    import_module("apikeys.migrations.0004_normalized_text").normalize(apps_before_events(), None)
    assert stored(key, "name") == ("Sync",)


def test_a_row_that_changes_meanwhile_is_left_alone(bob, monkeypatch):
    User.objects.filter(pk=bob.pk).update(display_name="Jose\u0301")

    def rename_first(value):
        User.objects.filter(pk=bob.pk).update(display_name="Robert")
        return value

    monkeypatch.setattr(USERS, "repaired_line", rename_first)
    USERS.normalize_names(apps_before_events(), None)
    assert stored(bob, "display_name") == ("Robert",)


def test_all_rows_are_read_in_batches(make_user, monkeypatch):
    monkeypatch.setattr("tutorarc.db.backfill.BATCH", 2)
    people = [make_user(f"P{number}") for number in range(5)]
    User.objects.update(display_name="Jose\u0301")
    USERS.normalize_names(apps_before_events(), None)
    assert {stored(person, "display_name") for person in people} == {("Jos\u00e9",)}
