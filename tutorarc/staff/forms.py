"""What the admin site's forms are made of."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BoundField, ModelForm, ModelMultipleChoiceField

from tutorarc.domain.errors import DomainError

REASONS_SHOWN = 10


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
        self._refuse_junk(value)
        return super().clean(value)

    def to_python(self, value: Any) -> Any:
        self._refuse_junk(value)
        return super().to_python(value)

    def _refuse_junk(self, value: Any) -> None:
        for key in value or ():
            if not may_be_key(self.queryset.model, key):
                raise ValidationError(self.error_messages["invalid_pk_value"], "invalid_pk_value", {"pk": key})


class FieldAsShown(BoundField):
    """Its hidden twin holds what the page showed at first. Once a form is refused, Django forgets that of a moment or
    of several values."""

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        if not (only_initial and self.form.is_bound):
            return super().as_widget(widget, attrs, only_initial)
        name, hidden = self.html_initial_name, self.field.hidden_widget()
        value = hidden.value_from_datadict(self.form.data, self.form.files, name)
        return hidden.render(name, value, {"id": self.html_initial_id}, self.form.renderer)


class FormAsShown(ModelForm):
    """Has changed where a person changed what the page showed. The rest stays as others left it meanwhile."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.bound_field_class = FieldAsShown
            field.show_hidden_initial = not field.disabled

    def ticks(self, name: str) -> tuple[set[Any], set[Any]]:
        """Of a field with many values: those that the person ticked, and those from which they took the tick."""
        field: Any = self.fields[name]
        chosen = set(self.cleaned_data[name])
        hidden = field.hidden_widget().value_from_datadict(self.data, self.files, self.add_initial_prefix(name))
        try:
            shown = set(field.to_python(hidden))
        except ValidationError:  # as `has_changed` has it
            shown = set()
        return chosen - shown, shown - chosen

    def _get_validation_exclusions(self) -> set[str]:
        """What was left alone isn't written, and may be out of date."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | (set(self.fields) - set(self.changed_data))


class Refused(ModelForm):
    """A form that was in order, until the verb refused what it asks for."""

    refusal: Any

    def clean(self) -> Any:
        """Beside the fields that the refusal names, or else above them all."""
        super().clean()
        if hasattr(self.refusal, "error_dict"):
            named = self.refusal.message_dict
        else:
            named = {detail.field: detail.message for detail in getattr(self.refusal, "details", ())}
        raise ValidationError(named if named and named.keys() <= self.fields.keys() else explain(self.refusal))


def explain(error: DomainError | ValidationError) -> list[str]:
    """The error in sentences, of which there may be one for each of hundreds of people."""
    if not isinstance(error, DomainError):
        return error.messages
    shown = [detail.message for detail in error.details[:REASONS_SHOWN]]
    unseen = len(error.details) - len(shown)
    return [error.message, *shown, *([f"And {unseen} more."] if unseen else [])]
