"""Forms of the pages of the API. They show fields to people, and judge nothing: the call's own serializer does."""

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, make_naive

from tutorarc.domain.clock import parse_datetime

LAST_DAY = "9999-12-31"  # told to a picker, or its year has room for six digits


class ActionForm(forms.Form):
    """One call as a form. `details` are those of the error that answered it, and stand beside their fields."""

    button = "Save"
    method = ""  # other than POST, which is all that a form can send
    look = ""
    refusal = ""  # why it was sent in vain, where no field of it is at fault

    def __init__(
        self,
        name: str,
        address: str,
        *,
        initial: MutableMapping[str, Any] | None = None,
        typed: Any = None,
        details: Iterable[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(typed, initial=initial, auto_id=f"{name}_%s", label_suffix="", use_required_attribute=False)
        self.name, self.address = name, address
        self._errors = forms.utils.ErrorDict()
        self.cleaned_data = {}
        for detail in details:
            if (field := field_of(detail)) in self.fields:
                self.add_error(field, detail["message"])

    @classmethod
    def shown(cls) -> set[str]:
        """The fields that people see."""
        return {name for name, field in cls.base_fields.items() if not field.widget.is_hidden}

    @property
    def in_use(self) -> bool:
        """Of a form above a list: whether it narrows the list down."""
        return any(self.data.get(field.name) for field in self.visible_fields())


class PatchForm(ActionForm):
    """Sent as a PATCH: see `ApiViewSet.apply_form_method`.

    The page may have been open for long, and others may have changed what it shows. So each field goes with what the
    form showed at first, in a hidden field of its own, and only what the person changed of it is a change.
    """

    method = "PATCH"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.show_hidden_initial = True
            # Who comes back to the page finds what they typed; of a picker or a box also what they did not.
            if not isinstance(field, forms.CharField):
                field.widget.attrs["autocomplete"] = "off"

    @classmethod
    def changed_fields(cls, sent: QueryDict) -> QueryDict:
        """What was sent, without what the form showed at first. A field sent without that is a change as it is."""
        form, body = cls("", "", typed=sent), sent.copy()
        for name in form.fields:
            is_accompanied = body.pop(form.add_initial_prefix(name), None) is not None
            if is_accompanied and name not in form.changed_data:
                body.pop(name, None)
        return body


class CheckboxWithHiddenFalse(forms.CheckboxInput):
    """An unticked box isn't sent: a hidden false goes before it."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        return format_html('<input type="hidden" name="{}" value="false">{}', name, box)


class UtcDateTimeInput(forms.DateTimeInput):
    """A date-time picker, in UTC. The script shows it in the visitor's own time, and sends the moment with its Z."""

    def __init__(self) -> None:
        super().__init__({"type": "datetime-local", "max": f"{LAST_DAY}T23:59", "data-moment": ""})

    def format_value(self, value: Any) -> str:
        if isinstance(value, str):
            try:
                value = parse_datetime(value)
            except ValueError:
                return value
        if not isinstance(value, datetime):
            return ""
        precision = "minutes" if not value.second else "seconds"
        in_utc = make_naive(value, UTC) if is_aware(value) else value  # Django's field has made it naive before
        return in_utc.isoformat(timespec=precision)


def field_of(detail: Mapping[str, str]) -> str:
    """The field of a form that an error's detail is about: `user_ids` for `user_ids[1]`."""
    return detail["field"].partition("[")[0]


def day_field(label: str) -> forms.CharField:
    return forms.CharField(required=False, label=label, widget=forms.DateInput({"type": "date", "max": LAST_DAY}))


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})
