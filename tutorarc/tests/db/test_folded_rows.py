"""Rows from before folded text was stored: migrations fold them."""

from importlib import import_module

import pytest
from django.apps import apps

from classes.models import Class
from members.models import Membership
from sessions.models import LiveSession
from tutorarc.models import User
from tutorarc.testing.records import apps_before_events, write_record

pytestmark = pytest.mark.django_db


def fold(app, name):
    import_module(f"{app}.migrations.{name}").fold(apps, None)


def test_users_and_then_members(bob, algebra, join):
    join(algebra, bob)
    User.objects.filter(pk=bob.pk).update(display_name="Jan Müller", folded_name="")
    Membership.objects.update(folded_name="")
    fold("tutorarc", "0012_fold_names")
    import_module("members.migrations.0008_members_by_name").copy_names(apps, None)
    assert User.objects.get(pk=bob.pk).folded_name == "jan muller"
    assert list(Membership.objects.values_list("folded_name", flat=True)) == ["alice", "jan muller"]


def test_classes(algebra):
    Class.objects.update(title="Élan 2", description="Ёлка", folded_title="", folded_description="", title_key="")
    fold("classes", "0005_fold_texts")
    folded = Class.objects.values_list("folded_title", "folded_description", "title_key").get()
    assert folded == ("elan 2", "елка", "elan 012")


def test_sessions(schedule):
    schedule()
    LiveSession.objects.update(title="Élan", folded_title="")
    fold("sessions", "0007_fold_titles")
    assert LiveSession.objects.get().folded_title == "elan"


def test_a_row_that_is_folded_is_left_alone(algebra, django_assert_num_queries):
    with django_assert_num_queries(4):  # two reads and the savepoint of a batch
        fold("classes", "0005_fold_texts")


def test_rows_that_the_version_before_wrote_during_an_update(alice, bob, charlie, algebra, join, schedule):
    for user in (bob, charlie):
        write_record("members", "Membership", join(algebra, user), "join_request")
    schedule()
    User.objects.filter(pk=bob.pk).update(folded_name="")
    Class.objects.update(folded_title="", folded_description="", title_key="")
    LiveSession.objects.update(folded_title="")
    Membership.objects.filter(user=bob).update(folded_name="", email_given_by=None)
    Membership.objects.filter(user=charlie).update(folded_name="the name before")

    import_module("members.migrations.0009_rows_of_a_rolling_update").fill(apps_before_events(), None)

    assert User.objects.get(pk=bob.pk).folded_name == "bob"
    assert Class.objects.get().folded_title == "algebra"
    assert LiveSession.objects.get().folded_title == "introduction to calculus"
    members = Membership.objects.order_by("pk").values_list("folded_name", "email_given_by")
    assert list(members) == [("alice", None), ("bob", bob.pk), ("charlie", charlie.pk)]
