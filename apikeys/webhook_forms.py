"""Forms of the developer page for webhooks."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from apikeys.one_time_form import OneTimeForm, OverlapForm
from tutorarc.domain.events import Actor
from tutorarc.domain.text_fields import LineFormField
from tutorarc.feed.event_words import EVENT_GROUPS, EVENT_WORDS
from tutorarc.models import User
from tutorarc.webhooks.addresses import MAX_URL_LENGTH, validate_url
from tutorarc.webhooks.class_choices import MAX_CHOICES, classes_to_choose
from tutorarc.webhooks.models import Endpoint

SPANS = {
    "1": _("In the last hour"),
    "24": _("In the last day"),
    "168": _("In the last week"),
    "672": _("In the last four weeks"),
}


class WebhookFields(forms.Form):
    """What a person can set of a webhook."""

    url = forms.CharField(
        max_length=MAX_URL_LENGTH,
        label=_("URL"),
        widget=forms.TextInput({"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
        validators=[validate_url],
        help_text=_("Events are sent here by POST. For example: https://school.example/tutorarc"),
        error_messages={"required": _("Enter a URL.")},
    )
    description = LineFormField(
        label=_("Description"),
        max_length=200,
        required=False,
        help_text=_("Optional. What is it for? For example: Timetable sync"),
    )
    event_types = forms.MultipleChoiceField(
        choices=list(EVENT_WORDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Events"),
        help_text=_("Tick none to get every event, also kinds that are added later."),
    )

    def event_groups(self) -> Iterator[tuple[StrOrPromise, list[Any]]]:
        """The boxes of `event_types` by group."""
        boxes = iter(self["event_types"])
        for title, types in EVENT_GROUPS.items():
            yield title, list(islice(boxes, len(types)))


class NewWebhookForm(WebhookFields, OneTimeForm[Endpoint]):
    class_id = forms.ChoiceField(required=False, label=_("Class"))

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(data)
        classes = classes_to_choose(user)
        self.fields["class_id"].choices = [("", everything(user)), *classes]  # type: ignore[attr-defined]
        if len(classes) >= MAX_CHOICES:
            hint = gettext("The newest {number} classes. For another one, use POST /webhooks.")
            self.fields["class_id"].help_text = hint.format(number=MAX_CHOICES)

    def _issue(self, by: Actor) -> tuple[Endpoint, str]:
        values = {name: self.cleaned_data[name] for name in ("url", "description", "event_types")}
        return Endpoint.objects.register(by.person, by, **values, class_id=self.cleaned_data["class_id"] or None)


class WebhookChangesForm(WebhookFields):
    def __init__(self, webhook: Endpoint, data: QueryDict | None = None) -> None:
        shown = {name: getattr(webhook, name) for name in self.base_fields}
        super().__init__(data, initial=shown, label_suffix="")


class SecretRotationForm(OverlapForm[Endpoint]):
    def __init__(self, webhook: Endpoint, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.webhook = webhook

    def _issue(self, by: Actor) -> tuple[Endpoint, str]:
        return self.webhook.rotate(by, self.chosen_overlap)


class ReplayForm(forms.Form):
    span = forms.ChoiceField(
        choices=list(SPANS.items()), initial="24", widget=forms.RadioSelect, label=_("Events that happened")
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="")

    @property
    def chosen_span(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["span"]))


def everything(user: User) -> str:
    """What a webhook without a class gets, in words."""
    return (
        gettext("All classes and live sessions")
        if user.is_admin
        else gettext("All classes and live sessions that I created")
    )
