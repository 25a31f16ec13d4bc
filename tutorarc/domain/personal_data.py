"""What each model holds of a person: registered beside the model, read by the export and the deletion of accounts.

Every model is registered here or declared to hold nothing, which a test checks (docs/privacy.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

if TYPE_CHECKING:
    from tutorarc.models import User

Shown = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """The rows of one model that tell something of a person.

    `name` is that of the file in an export, and of the line in docs/privacy.md. `show` gives a row as that person may
    see it, in the words of the API, as values for JSON: without secrets, and without names and addresses of others.
    What is not exported has no `rows` and `show` but says why. What the deletion of an account removes of a model is a
    step in `tutorarc.domain.erasure`.
    """

    name: str
    model: type[Model]
    rows: "Callable[[User], QuerySet[Any]] | None" = None
    show: "Callable[[Any, User], Shown] | None" = None
    not_exported: str = ""

    def __post_init__(self) -> None:
        if bool(self.not_exported) == bool(self.rows and self.show):
            raise ValueError(f"{self.name}: give either rows and show, or why it is not exported.")


PERSONAL_DATA: dict[str, PersonalData] = {}  # by name
HOLDS_NONE: dict[type[Model], str] = {}  # why these models hold nothing of a person


def register(data: PersonalData) -> None:
    """Raises ValueError if the name or the model is registered already."""
    if data.name in PERSONAL_DATA or data.model in declared_models():
        raise ValueError(f"The personal data {data.name} of {data.model.__name__} is registered twice.")
    PERSONAL_DATA[data.name] = data


def holds_none(reason: str, *models: type[Model]) -> None:
    """Declare that these models hold nothing of a person, and why."""
    HOLDS_NONE.update(dict.fromkeys(models, reason))


def declared_models() -> set[type[Model]]:
    return {data.model for data in PERSONAL_DATA.values()} | HOLDS_NONE.keys()
