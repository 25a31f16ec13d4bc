"""Exports that are asked for, and made, at the same moment."""

import pytest

from tutorarc.domain.events import Actor
from tutorarc.exports.models import DataExport, DataExportPart
from tutorarc.exports.work import make_export
from tutorarc.jobs.models import Job

SITE = "https://tutorarc.example.org"

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_that_are_asked_for_at_once_one_is_made(bob, run_together):
    outcomes = run_together([lambda: DataExport.objects.ask(bob, Actor(bob), SITE)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["DataExport", "InProgress"]
    assert Job.objects.filter(kind="data_export").count() == 1


def test_of_two_workers_one_stores_the_file(bob, run_together):
    payload = {"export": DataExport.objects.ask(bob, Actor(bob), SITE).pk, "site": SITE}
    assert run_together([lambda: make_export(payload)] * 2) == [None, None]
    assert DataExportPart.objects.count() == 1
    assert Job.objects.filter(kind="data_export_mail").count() == 1
