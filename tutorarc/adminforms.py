"""What the admin site's forms are made of."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm, ModelMultipleChoiceField

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


class Choices(ModelMultipleChoiceField):
    """Chooses related rows by ticking. A number that no id can be is refused: SQLite breaks on looking for it."""

    queryset: Any

    def clean(self, value: Any) -> Any:
        for key in value or ():
            if not may_be_key(self.queryset.model, key):
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": key})
        return super().clean(value)


class Refused(ModelForm):
    """A form that was in order, until the verb refused what it asks for."""

    refusal: Any

    def clean(self) -> Any:
        """Beside the fields that the refusal names, or else above them all."""
        super().clean()
        details = [detail for detail in getattr(self.refusal, "details", ()) if detail.field in self.fields]
        raise ValidationError({detail.field: detail.message for detail in details} or explain(self.refusal))


def explain(error: DomainError | ValidationError) -> list[str]:
    """The error in sentences."""
    if isinstance(error, DomainError):
        return [error.message, *(detail.message for detail in error.details)]
    return error.messages
