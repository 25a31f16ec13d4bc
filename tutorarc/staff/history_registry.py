"""Wording of the history pages for each model. The app of a model registers it, next to its admin page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.db.models import Model, QuerySet


def _status(record: Any) -> str:
    return getattr(record, "status", "")


@dataclass(frozen=True, kw_only=True)
class ModelHistory:
    """How the audit records of a model (see `domain.history.records`) are worded.

    A record appears in the history of its row, of each row in `refers_to`, and of the person who acted.
    """

    model: Any
    # By verb: "removed {person} from {klass}". Each placeholder is a key of `refers_to`.
    phrases: Mapping[str, str]
    # By placeholder, the field with the related row: {"person": "user"}; `id` is the row itself.
    # For a verb without a phrase the first one is used.
    refers_to: Mapping[str, str]
    # Fields whose changes are shown. They are listed, so that no secret is shown by accident.
    fields: Sequence[str]
    # Name of a row, from its fields: "{name} ({hint})".
    name: str = ""
    # False: show the name that the row had at that time, which needs no query.
    reads_present_name: bool = True
    # Shown instead of the name to staff who may not view the row.
    hidden_name: str = ""
    status: Callable[[Any], str] = _status
    # Label for the second part of a reason such as "set_groups: none → Support".
    detail: str = ""
    # Whether the model holds the API keys.
    is_credential: bool = False
    # Ids of the people who match a search in the history of a row. None: no search.
    search_people: Callable[[Any, str], QuerySet[Any, Any]] | None = None

    def target(self, name: str) -> Any:
        """The model that a placeholder refers to."""
        field = self.refers_to[name]
        return self.model if field == "id" else self.model._meta.get_field(field).related_model

    def key(self, record: Any, name: str) -> Any:
        """The id of the row that a placeholder refers to in this record."""
        return getattr(record, self.model._meta.get_field(self.refers_to[name]).attname)

    def fields_about(self, model: Any) -> set[str]:
        """The fields that relate a record to rows of that model."""
        own = {"id"} if model is self.model else set()
        return own | {field for name, field in self.refers_to.items() if self.target(name) is model}

    @property
    def name_fields(self) -> list[str]:
        return [field for _, field, _, _ in Formatter().parse(self.name) if field]

    def call(self, values: Sequence[Any]) -> str:
        """The name of a row, from the values of `name_fields`."""
        return self.name.format(**dict(zip(self.name_fields, values, strict=True)))


_registered: dict[type[Model], ModelHistory] = {}


def register_history(history: ModelHistory) -> None:
    _registered[history.model] = history


def is_recorded(model: type[Model]) -> bool:
    return model in _registered


def history_of(model: type[Model]) -> ModelHistory:
    return _registered[model]


def histories() -> list[ModelHistory]:
    return list(_registered.values())


def credential() -> ModelHistory:
    [history] = [history for history in histories() if history.is_credential]
    return history
