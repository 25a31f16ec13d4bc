"""The registry of what each model holds of a person."""

import re

import pytest
from django.apps import apps
from django.conf import settings

from tutorarc.domain.personal_data import HOLDS_NONE, PERSONAL_DATA, PersonalData, declared_models, register
from tutorarc.models import User
from tutorarc.tests.ops.documents import DOCS, table


def test_every_model_says_what_it_holds_of_a_person():
    assert set(apps.get_models()) - declared_models() == set()


def test_a_model_that_names_a_user_holds_something_of_a_person():
    assert [model for model in HOLDS_NONE if User in {field.related_model for field in model._meta.fields}] == []


def test_each_part_has_its_line_in_the_documentation():
    lines = {row[0].strip("`"): row[6] for row in table(DOCS / "privacy.md", "data")}
    assert lines.keys() == PERSONAL_DATA.keys()
    not_exported = {name for name, words in lines.items() if words.startswith("no: ")}
    assert not_exported == {name for name, data in PERSONAL_DATA.items() if data.not_exported}


def test_the_documentation_names_each_setting_and_its_default():
    lines = table(DOCS / "privacy.md", "data")
    named = {name: line[3] for line in lines for name in re.findall(r"TUTORARC_(KEEP_\w+)", line[4])}
    kept = {name: getattr(settings, name).days for name in dir(settings) if name.startswith("KEEP_")}
    assert named.keys() == kept.keys()
    assert [name for name, words in named.items() if str(kept[name]) not in words.split()] == []


def test_a_model_is_registered_once():
    with pytest.raises(ValueError, match="users of User is registered twice"):
        register(PersonalData(name="users", model=User, not_exported="Twice."))


@pytest.mark.parametrize(
    "given", [{}, {"rows": lambda _: User.objects.all()}, {"rows": "r", "show": "s", "not_exported": "n"}]
)
def test_what_is_registered_is_exported_or_says_why_not(given):
    with pytest.raises(ValueError, match="people: give either rows and show, or why it is not exported"):
        PersonalData(name="people", model=User, **given)


def test_nobody_has_rows_of_others(alice, bob):
    of_alice = {name: data.rows(alice).count() for name, data in PERSONAL_DATA.items() if data.rows}
    known = {"account": 1, "email_addresses": 1, "events": 1, "security_log": 1}
    assert {name: count for name, count in of_alice.items() if count} == known
