"""HTML forms of the browsable API. They only show fields; validation is done by the call's serializer."""

from collections.abc import Iterable, Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, make_naive
from django.utils.translation import gettext_lazy as _

from tutorarc.domain.clock import datetime_text, just_after, parse_datetime

LAST_DAY = "9999-12-31"  # without a maximum, date pickers accept six-digit years


class ActionForm(forms.Form):
    """An API call as an HTML form. `details` are the error details of the response, shown beside their fields."""

    button: str | Promise = _("Save")
    method = ""  # set if it isn't POST
    css_class = ""  # of the button
    refusal = ""  # error message that belongs to no field
    is_in_place = False  # whether the answer is this page again, so that htmx can replace it

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
        """Names of the visible fields."""
        return {name for name, field in cls.base_fields.items() if not field.widget.is_hidden}

    @property
    def in_use(self) -> bool:
        """Whether a filter form has values."""
        return any(self.data.get(field.name) for field in self.visible_fields())


class PatchForm(ActionForm):
    """Form sent as a PATCH (see `ApiViewSet.apply_form_method`).

    Each field is sent with its initial value in a hidden field, and only changed fields are written. So a page that was
    open for long doesn't overwrite what others changed meanwhile.
    """

    method = "PATCH"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.show_hidden_initial = True
            # Browsers restore pickers and checkboxes wrongly when going back to a page.
            if not isinstance(field, forms.CharField):
                field.widget.attrs["autocomplete"] = "off"

    @classmethod
    def changed_fields(cls, sent: QueryDict) -> QueryDict:
        """The submitted fields without those that kept their initial value."""
        form, body = cls("", "", typed=sent), sent.copy()
        for name in form.fields:
            is_accompanied = body.pop(form.add_initial_prefix(name), None) is not None
            if is_accompanied and name not in form.changed_data:
                body.pop(name, None)
        return body


class CheckboxWithHiddenFalse(forms.CheckboxInput):
    """Checkbox with a hidden `false` before it, because browsers don't send unticked boxes."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        return format_html('<input type="hidden" name="{}" value="false">{}', name, box)


class UtcDateTimeInput(forms.DateTimeInput):
    """Date-time picker in UTC. A script shows it in the visitor's time zone and sends UTC with a Z."""

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
        if is_aware(value):
            value = make_naive(value, UTC)
        precision = "minutes" if not value.second else "seconds"
        return value.isoformat(timespec=precision)


class LocalDateTimeInput(UtcDateTimeInput):
    """Date-time picker in a time zone of its own, with and without script. A script sends UTC with a Z."""

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__()
        self.zone = zone
        self.attrs["data-zone"] = zone.key

    def format_value(self, value: Any) -> str:
        """Local time as it was typed stays as it is."""
        text = super().format_value(value)
        if isinstance(value, str) and not _has_offset(value):
            return text
        try:
            return super().format_value(datetime.fromisoformat(f"{text}Z").astimezone(self.zone).replace(tzinfo=None))
        except (ValueError, OverflowError):
            return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the moment in UTC, as local times can come twice."""
        context = super().get_context(name, value, attrs)
        if not isinstance(value, str) or _has_offset(value):
            context["widget"]["attrs"]["data-moment"] = super().format_value(value)
        return context


def _has_offset(text: str) -> bool:
    try:
        return bool(parse_datetime(text))
    except ValueError:
        return False


class DateTimePickerField(forms.DateTimeField):
    """Date and time, which pickers show and send without fractions of a second: these make no change."""

    widget = UtcDateTimeInput

    def prepare_value(self, value: Any) -> Any:
        """In UTC, whatever zone the reader has."""
        return make_naive(value, UTC) if isinstance(value, datetime) and is_aware(value) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial and initial.replace(microsecond=0), data)


class DayInput(forms.DateInput):
    """Date picker of a filter by time: `edge` is "from" or "before". Days are UTC's; a script makes them the visitor's.

    The script sends the moment at which the visitor's day begins, and gets it back as `data-begins`.
    """

    def __init__(self, edge: str) -> None:
        super().__init__({"type": "date", "max": LAST_DAY, "data-day": edge})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        try:
            begins = parse_datetime(value or "")
        except ValueError:  # no value, a day, or something to be corrected
            return super().get_context(name, value, attrs)
        if self.attrs["data-day"] == "from":  # the filters leave out the moment itself
            begins = just_after(begins)
        return super().get_context(name, begins.date().isoformat(), {**attrs, "data-begins": datetime_text(begins)})


def field_of(detail: Mapping[str, str]) -> str:
    """The form field of an error detail: `user_ids` for `user_ids[1]`."""
    return detail["field"].partition("[")[0]


def day_field(label: Any, edge: str) -> forms.CharField:
    return forms.CharField(required=False, label=label, widget=DayInput(edge), help_text=_("In UTC."))


def text_area(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})
