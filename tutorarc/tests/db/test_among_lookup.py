"""`__among` finds what `__in` finds."""

import pytest
from django.db import connection

from classes.models import Class
from tutorarc.domain.events import Actor
from tutorarc.models import User


@pytest.fixture
def classes(alice):
    return [Class.objects.create_with_teacher(Actor(alice), title=title).pk for title in "abc"]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_by_key(classes, count):
    wanted = classes[:count]
    assert sorted(Class.objects.filter(pk__among=wanted).values_list("pk", flat=True)) == sorted(wanted)


def test_by_text(alice):
    assert list(User.objects.filter(email__among=[alice.email, "x"])) == [alice]


def test_one_statement_for_any_number(classes):
    texts = {str(Class.objects.filter(pk__among=classes[:count]).query.sql_with_params()[0]) for count in (1, 2, 3)}
    assert len(texts) == (1 if connection.vendor == "postgresql" else 3)
