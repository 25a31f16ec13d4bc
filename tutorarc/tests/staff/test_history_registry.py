"""The registrations for the history pages match the models."""

from string import Formatter

import pytest
from django.apps import apps

from tutorarc.models import Event
from tutorarc.staff.history_pages import SCOPES
from tutorarc.staff.history_registry import credential, histories, history_of, is_recorded

SOURCES = {model: model.event_source for model in apps.get_models() if hasattr(model, "event_source")}
HISTORIES = {history.model._meta.label: history for history in histories()}


@pytest.fixture(params=HISTORIES)
def history(request):
    return HISTORIES[request.param]


def test_each_model_with_records_is_registered():
    recorded = {model for model in SOURCES if not SOURCES[model].about}
    assert {history.model for history in histories()} == recorded
    assert [is_recorded(model) for model in recorded] == [True] * 6


def test_a_history_is_found_by_its_model(history):
    assert history_of(history.model) is history


def test_events_have_an_index_for_each_history_in_which_they_appear():
    indexed = {index.fields[0] for index in Event._meta.indexes}
    assert indexed >= {"object_id", "actor_user_id", *SCOPES.values()}


def test_fields_are_those_of_the_events(history):
    assert set(history.fields) <= history.source.fields.keys()


def test_phrases_are_those_of_types_or_details_of_the_events(history):
    sources = [source for source in SOURCES.values() if source.kind == history.source.kind]
    types = {happened for source in sources for happened in source.types.values()}
    assert set(history.phrases) - {"found"} <= {*types, "deactivated", "reactivated"}


def test_phrases_name_rows_that_have_a_name(history):
    named = {name for phrase in history.phrases.values() for _, name, _, _ in Formatter().parse(phrase) if name}
    assert named - history.refers_to.keys() == set()
    assert "" not in {history_of(model).name for model in history.refers_to.values()}


def test_the_one_credential_is_the_api_key():
    assert credential().model is apps.get_model("apikeys.ApiKey")
