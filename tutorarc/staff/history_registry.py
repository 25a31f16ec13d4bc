"""Wording of the history pages for each model. The app of a model registers it, next to its admin page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from tutorarc.domain.events import EventSource
from tutorarc.models import Event

# Columns of events that refer to rows of these kinds. Rows of other kinds are referred to by `object_id` alone.
REFERENCES = {"class": "class_id", "session": "session_id", "user": "user_id"}


@dataclass(frozen=True, kw_only=True)
class ModelHistory:
    """How the events about the rows of a model are worded.

    An event appears in the history of its row, of the class, session and person whom it concerns, and of the person who
    acted.
    """

    model: Any
    # By type, without the kind: "removed {person} from {klass}". Each placeholder is a key of `refers_to`. A detail of
    # events can be a key too, and comes first.
    phrases: Mapping[str, str]
    # By placeholder, the model of the row. For a type without a phrase the first one is used.
    refers_to: Mapping[str, Any]
    # Fields whose changes are shown, by their names in events.
    fields: Sequence[str]
    # Name of a row, from its fields: "{name} ({hint})".
    name: str = ""
    # False: show the name that the row had at that time, which needs no query.
    reads_present_name: bool = True
    # Shown instead of the name to staff who may not view the row.
    hidden_name: str = ""
    # Label for the detail of an event, such as "none → Support".
    detail: str = ""
    # Whether the model holds the API keys.
    is_credential: bool = False
    # Ids of the people who match a search in the history of a row. None: no search.
    search_people: Callable[[Any, str], QuerySet[Any, Any]] | None = None

    @property
    def source(self) -> EventSource:
        return self.model.event_source

    @property
    def permission(self) -> str:
        """The right to see these events."""
        return f"{self.model._meta.app_label}.view_historical{self.model._meta.model_name}"

    def key(self, event: Event, name: str) -> Any:
        """The primary key of the row that a placeholder refers to in this event."""
        model = self.refers_to[name]
        column = REFERENCES.get(model.event_source.kind)
        return getattr(event, column) if column else key_of(model, event.object_id)

    def label(self, field: str) -> str:
        return field if field == "status" else str(self.model._meta.get_field(self.source.fields[field]).verbose_name)

    @property
    def name_fields(self) -> list[str]:
        return [field for _, field, _, _ in Formatter().parse(self.name) if field]

    def call(self, values: Sequence[Any]) -> str:
        """The name of a row, from the values of `name_fields`."""
        return self.name.format(**dict(zip(self.name_fields, values, strict=True)))


_registered: dict[str, ModelHistory] = {}  # by kind


def register_history(history: ModelHistory) -> None:
    _registered[history.source.kind] = history


def is_recorded(model: type[Model]) -> bool:
    return any(history.model is model for history in histories())


def history_of(model: Any) -> ModelHistory:
    return _registered[model.event_source.kind]


def history_of_event(event: Event) -> ModelHistory:
    return _registered[event.kind]


def histories() -> list[ModelHistory]:
    return list(_registered.values())


def credential() -> ModelHistory:
    [history] = [history for history in histories() if history.is_credential]
    return history


def key_of(model: Any, object_id: UUID) -> Any:
    """The primary key of the row that an event is about."""
    is_number = model._meta.pk.get_internal_type() == "BigAutoField"
    return object_id.int if is_number else model._meta.pk.to_python(object_id)
