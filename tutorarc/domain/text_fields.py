"""Fields of models and forms for text that people type. To migrations the models' fields are Django's own."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from tutorarc.domain import email, text, time_zones, web_addresses

LONGEST_EXTERNAL_ID = 128


class LineFormField(forms.CharField):
    """Text on one line, such as a name or a title."""

    def to_python(self, value: Any) -> Any:
        return text.one_line(super().to_python(value) or "")


class LineField(models.CharField[str, str]):
    """Text on one line, such as a name or a title."""

    def clean(self, value: Any, model_instance: Any) -> Any:
        return super().clean(text.one_line(self.to_python(value) or ""), model_instance)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": LineFormField, **options})


class ExternalIdField(models.CharField[str | None, str | None]):
    """The id of a row in the system of an integrator, such as a school's; null without one."""

    empty_values: Any = ()  # so that Django cleans blank text too, which becomes null

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": LONGEST_EXTERNAL_ID, "null": True, "blank": True, **options})

    def clean(self, value: Any, model_instance: Any) -> Any:
        line = text.one_line(self.to_python(value) or "").strip()
        return super().clean(line, model_instance) if line else None

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": ExternalIdFormField, **options})


class TimeZoneField(models.CharField[Any, Any]):
    """The IANA name of a time zone, such as Europe/Berlin; null, or else blank, without one.

    `without` is the choice of no time zone in forms.
    """

    empty_values: Any = ()  # so that Django cleans blank text too, which may become null

    def __init__(self, without: str = "Not known yet", **options: Any) -> None:
        self.without = without
        blank: dict[str, Any] = {} if options.get("null") else {"default": "", "db_default": ""}
        super().__init__(**{"max_length": time_zones.MAX_LENGTH, "blank": True, **blank, **options})

    def clean(self, value: Any, model_instance: Any) -> Any:
        nothing = None if self.null else ""
        return super().clean(time_zones.known(value), model_instance) if value else nothing

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def formfield(self, **options: Any) -> Any:
        """A list to choose from: most people don't know the names."""
        choices = [("", self.without), *((name, name) for name in time_zones.names())]
        return forms.ChoiceField(
            choices=choices, required=False, **{"label": self.verbose_name, "help_text": self.help_text, **options}
        )


class ProseField(models.TextField[str, str]):
    """Text on several lines, such as a description."""

    def clean(self, value: Any, model_instance: Any) -> Any:
        return super().clean(text.several_lines(self.to_python(value) or ""), model_instance)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.TextField", args, options


class ExternalIdFormField(LineFormField):
    """The id of a row in another system; None without one."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value) or None


class EmailAddressFormField(forms.EmailField):
    """An e-mail address as people spell it, in its canonical form."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return email.canonical(value) if value else value


class StoredEmailAddressFormField(EmailAddressFormField):
    """An e-mail address that may stay as it is: one from before addresses had a canonical form is valid as `stored`."""

    stored = ""

    def to_python(self, value: Any) -> Any:
        return value if value == self.stored else super().to_python(value)

    def run_validators(self, value: Any) -> None:
        if value != self.stored:
            super().run_validators(value)


class HttpsAddressFormField(forms.CharField):
    """Address of a page on another site; None without one."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        return web_addresses.https_address(value) if value else value


class EmailAddressField(models.EmailField[str, str]):
    """An e-mail address in its canonical form."""

    def clean(self, value: Any, model_instance: Any) -> Any:
        return super().clean(email.canonical(value) if value else value, model_instance)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.EmailField", args, options

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": EmailAddressFormField, **options})


class HttpsAddressField(models.CharField[str | None, str | None]):
    """Address of a page on another site, such as a room for video calls; null without one."""

    def clean(self, value: Any, model_instance: Any) -> Any:
        return super().clean(web_addresses.https_address(value) if value else None, model_instance)

    def deconstruct(self) -> Any:
        name, _, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": HttpsAddressFormField, **options})


def cleaned(model: type[models.Model], values: dict[str, Any]) -> dict[str, Any]:
    """The values, with text as the model's fields store it. Raises ValidationError, by field."""
    kept, wrong = dict(values), {}
    for name, value in values.items():
        field = model._meta.get_field(name)
        if isinstance(field, LineField | ProseField | HttpsAddressField | ExternalIdField | TimeZoneField):
            try:
                kept[name] = field.clean(value, None)
            except ValidationError as error:
                wrong[name] = error
    if wrong:
        raise ValidationError(wrong)
    return kept
