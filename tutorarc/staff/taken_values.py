"""Errors about values that another record has, with a link to that record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import get_text_list

from tutorarc.staff.page_links import link


@dataclass(frozen=True)
class UniqueValues:
    """The fields of a ModelAdmin whose values only one record has, as this request may see them."""

    admin: Any
    request: HttpRequest

    def errors(self, form: ModelForm[Any]) -> Iterator[tuple[str, ValidationError]]:
        """The last field of each set of values that another record has, and the error. One query for each set."""
        for names in self.admin.unique_values:
            if owner := self._owner(form, names):
                yield names[-1], ValidationError(self._message(owner, form, names), "unique")

    def _owner(self, form: ModelForm[Any], names: tuple[str, ...]) -> Model | None:
        values = {name: form.cleaned_data.get(name, getattr(form.instance, name, None)) for name in names}
        if not set(names) & set(form.changed_data) or not all(values.values()):
            return None
        found: Model | None = self.admin.model._default_manager.filter(**values).exclude(pk=form.instance.pk).first()
        return found

    def _message(self, owner: Model, form: ModelForm[Any], names: tuple[str, ...]) -> str:
        labels = [str(form[name].label).lower() for name in names if name in form.fields]
        text = f"There is already a {owner._meta.verbose_name} with this {get_text_list(labels, 'and')}"
        if not self.admin.has_view_permission(self.request, owner):
            return f"{text}."
        return format_html("{}: {}.", text, link(owner, owner))


class LinksTakenValues(ModelForm[Model]):
    """Form that names the record that has a value already, which Django's own error does not."""

    unique_values: UniqueValues

    def clean(self) -> Any:
        cleaned = super().clean()
        for name, error in list(self.unique_values.errors(self)):
            self.add_error(name, error)
        return cleaned
