"""What the admin site's forms are made of."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm

from tutorarc.errors import DomainError


def may_be_key(model: type[Model], text: Any) -> bool:
    """Whether the text could be an id of this kind of record: a database refuses to look for any other."""
    try:
        return bool(model._meta.pk.clean(text, None))
    except ValidationError:
        return False


class Autocomplete(AutocompleteSelect):
    """Chooses a related row by searching. A junk id in the address or the form chooses none, and breaks nothing."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        model = self.field.remote_field.model
        return super().optgroups(name, [key for key in value if may_be_key(model, key)], attr)


class Refused(ModelForm):
    """A form that was in order, until the verb refused what it asks for."""

    refusal: Any

    def clean(self) -> Any:
        super().clean()
        raise ValidationError(explain(self.refusal))


def explain(error: DomainError | ValidationError) -> list[str]:
    """The error in sentences."""
    if isinstance(error, DomainError):
        return [error.message, *(detail.message for detail in error.details)]
    return error.messages
