"""Form fields and base forms of the admin site."""

import re
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import BoundField, ModelForm, ModelMultipleChoiceField
from django.utils.text import capfirst

from tutorarc.domain.errors import DomainError

REASONS_SHOWN = 10
_STATUSES = ("PENDING", "APPROVED", "REJECTED", "REMOVED")
_CODES = re.compile(rf"\b({'|'.join((*_STATUSES, 'STUDENT', 'TEACHER', 'ADMIN'))})\b")


def may_be_key(model: type[Model], text: Any) -> bool:
    """Whether the text is a valid primary key of the model: databases refuse malformed ones."""
    try:
        return bool(model._meta.pk.clean(text, None))
    except ValidationError:
        return False


class Autocomplete(AutocompleteSelect):
    """Autocomplete for a related row that ignores malformed ids."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        model = self.field.remote_field.model
        return super().optgroups(name, [key for key in value if may_be_key(model, key)], attr)


class Choices(ModelMultipleChoiceField[Model]):
    """Checkboxes for related rows that refuse ids too large for SQLite."""

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
    """Bound field that keeps the hidden initial value of times and multiple values after the form was refused."""

    def as_widget(self, widget: Any = None, attrs: Any = None, only_initial: bool = False) -> Any:
        if not (only_initial and self.form.is_bound):
            return super().as_widget(widget, attrs, only_initial)
        name, hidden = self.html_initial_name, self.field.hidden_widget()
        value = hidden.value_from_datadict(self.form.data, self.form.files, name)
        return hidden.render(name, value, {"id": self.html_initial_id}, self.form.renderer)


class FormAsShown(ModelForm[Model]):
    """Form that writes only the fields the user changed, so that concurrent changes of others are kept."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.bound_field_class = FieldAsShown
            field.show_hidden_initial = not field.disabled

    def ticks(self, name: str) -> tuple[set[Any], set[Any]]:
        """Values that the user ticked and unticked in a multiple choice field."""
        field: Any = self.fields[name]
        chosen = set(self.cleaned_data[name])
        hidden = field.hidden_widget().value_from_datadict(self.data, self.files, self.add_initial_prefix(name))
        try:
            shown = set(field.to_python(hidden))
        except ValidationError:  # as in `has_changed`
            shown = set()
        return chosen - shown, shown - chosen

    def _get_validation_exclusions(self) -> set[str]:
        """Skip validation of unchanged fields, which may be out of date."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | (set(self.fields) - set(self.changed_data))


class Refused(ModelForm[Model]):
    """Valid form whose change was refused by the domain."""

    refusal: Any
    remedy: str | None  # link to what helps

    def clean(self) -> Any:
        """Show the refusal beside the fields it names, otherwise above the form."""
        super().clean()
        if hasattr(self.refusal, "error_dict"):
            named = self.refusal.message_dict
        else:
            named = {detail.field: detail.message for detail in getattr(self.refusal, "details", ())}
        if named and named.keys() <= self.fields.keys():
            raise ValidationError(named)
        raise ValidationError([*explain(self.refusal), *([self.remedy] if self.remedy else [])])


def explain(error: DomainError | ValidationError) -> list[str]:
    """The error as sentences, limited in number."""
    if not isinstance(error, DomainError):
        return error.messages
    shown = [detail.message for detail in error.details[:REASONS_SHOWN]]
    unseen = len(error.details) - len(shown)
    message = without_codes(error.message) if error.message == type(error).message else error.message
    return [message, *shown, *([f"And {unseen} more."] if unseen else [])]


def without_codes(message: str) -> str:
    """An error message, which names no person, with the words of lists in place of the API's values."""
    return _CODES.sub(lambda found: found[0].lower() if found[0] in _STATUSES else found[0].capitalize(), message)


def unsaved_changes(form: ModelForm[Any]) -> list[tuple[str, str]]:
    """Label and typed text of each changed field of the form."""
    return [(str(capfirst(form[name].label)), _typed(form[name])) for name in form.changed_data]


def _typed(field: BoundField) -> str:
    value: Any = field.value()
    if isinstance(field.field, ModelMultipleChoiceField):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
