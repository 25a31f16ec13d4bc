"""What the history pages say of each model. The app that owns a model registers it, beside its admin page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any

from django.db.models import Model, QuerySet


def _status(record: Any) -> str:
    return getattr(record, "status", "")


@dataclass(frozen=True, kw_only=True)
class ModelHistory:
    """How the records of a model (see `domain.history.records`) are told.

    A record appears in the history of its row, of each row in `refers_to`, and of the person who acted.
    """

    model: Any
    # By verb: "removed {person} from {klass}". Each name stands in `refers_to`.
    phrases: Mapping[str, str]
    # The name in a phrase, and the field that holds the row: {"person": "user"}; `id` is the row itself.
    # A verb without a phrase is told of the first one.
    refers_to: Mapping[str, str]
    # The changes that are told: listed, so that nothing secret gets in by itself.
    fields: Sequence[str]
    # How a row is called, of its fields: "{name} ({hint})".
    name: str = ""
    # False: a record calls the row as it was called then, which costs no query.
    reads_present_name: bool = True
    # Instead of the name, for staff who may not see such rows.
    hidden_name: str = ""
    status: Callable[[Any], str] = _status
    # What the second part of a reason such as "set_groups: none → Support" is about.
    detail: str = ""
    # Whether these are the keys with which people act.
    is_credential: bool = False
    # The ids of the people whom a search in the history of one row finds. None: it can't be searched.
    search_people: Callable[[Any, str], QuerySet[Any, Any]] | None = None

    def target(self, name: str) -> Any:
        """The model of the rows that a name in a phrase stands for."""
        field = self.refers_to[name]
        return self.model if field == "id" else self.model._meta.get_field(field).related_model

    def key(self, record: Any, name: str) -> Any:
        """The id of the row that a name stands for in this record."""
        return getattr(record, self.model._meta.get_field(self.refers_to[name]).attname)

    def fields_about(self, model: Any) -> set[str]:
        """The fields by which a record is about a row of that model."""
        own = {"id"} if model is self.model else set()
        return own | {field for name, field in self.refers_to.items() if self.target(name) is model}

    @property
    def name_fields(self) -> list[str]:
        return [field for _, field, _, _ in Formatter().parse(self.name) if field]

    def call(self, values: Sequence[Any]) -> str:
        """The name of a row, of the values of `name_fields`."""
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
