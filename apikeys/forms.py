"""Forms of the developer page. Each creates one key, however often it is submitted."""

from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import get_random_string

from apikeys.models import ApiKey, all_scopes
from tutorarc.api.html_forms import LAST_DAY
from tutorarc.api.scopes import SCOPES
from tutorarc.domain.history import Actor
from tutorarc.domain.text_fields import LineFormField
from tutorarc.models.idempotent_reply import REPLY_LIFETIME, IdempotentReply

SALT = "apikeys.forms"
FORM_LIFETIME = REPLY_LIFETIME - timedelta(hours=1)  # a token expires before the record of its use is deleted

LIFETIMES = {"30": "In 30 days", "90": "In 90 days", "365": "In a year", "date": "On a date", "never": "Never"}
OVERLAPS = {"0": "At once", "1": "In an hour", "24": "In a day", "168": "In a week"}

Issued = tuple[ApiKey, str]


class OneTimeForm(forms.Form):
    """Form with a one-time token, which a unique constraint marks as used in the transaction that creates the key.

    So a reload, a double click or a concurrent duplicate creates no second key.
    """

    token = forms.CharField(widget=forms.HiddenInput, max_length=100)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, label_suffix="", initial={"token": _new_token()})

    def clean_token(self) -> str:
        try:
            return signing.TimestampSigner(salt=SALT).unsign(self.cleaned_data["token"], max_age=FORM_LIFETIME)
        except signing.BadSignature:
            data = cast(QueryDict, self.data).copy()
            data["token"] = _new_token()
            self.data = data
            raise ValidationError("This page was open for too long. Send the form again.", code="stale") from None

    @transaction.atomic
    def issue(self, by: Actor) -> Issued | None:
        """Create a key. Returns it with its secret, or None if this form was submitted before.

        Raises ApiKey.Closed and ApiKey.TooMany: then the form can be submitted again.
        """
        used = IdempotentReply.objects.claim(by.person, f"form {self.cleaned_data['token']}", "developer page")
        if used.status is not None:
            return None
        used.store(201, "")
        return self._issue(by)

    def _issue(self, by: Actor) -> Issued:
        raise NotImplementedError


class NewKeyForm(OneTimeForm):
    name = LineFormField(
        max_length=100,
        help_text="Where will it be used? For example: Timetable sync",
        error_messages={"required": "Enter a name."},
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        initial=all_scopes,
        widget=forms.CheckboxSelectMultiple,
        label="Scopes",
        help_text="The key acts as you, within these scopes.",
        error_messages={"required": "Choose at least one."},
    )
    life = forms.ChoiceField(choices=list(LIFETIMES.items()), initial="90", widget=forms.RadioSelect, label="Expires")
    last_day = forms.DateField(
        required=False,
        widget=forms.DateInput({"type": "date", "max": LAST_DAY}, format="%Y-%m-%d"),
        label="Last day",
        help_text="For “On a date”: the key works until the end of this day in UTC.",
    )

    def clean_last_day(self) -> date | None:
        last_day, chosen = self.cleaned_data["last_day"], self.cleaned_data.get("life") == "date"
        if chosen and last_day is None:
            raise ValidationError("Enter a date.", code="required")
        if last_day is not None and not chosen:
            raise ValidationError("Choose “On a date” above to use this date, or clear the field.", code="not_chosen")
        if last_day is not None and last_day < timezone.now().date():
            raise ValidationError("This day is in the past. Choose a later one.", code="past")
        return last_day

    def expires_at(self) -> datetime | None:
        match self.cleaned_data["life"]:
            case "never":
                return None
            case "date":
                return datetime.combine(self.cleaned_data["last_day"], time(23, 59, 59), UTC)
            case days:
                return timezone.now() + timedelta(days=int(days))

    def _issue(self, by: Actor) -> Issued:
        name, scopes = self.cleaned_data["name"], self.cleaned_data["scopes"]
        return ApiKey.objects.issue(by.person, by, name=name, scopes=scopes, expires_at=self.expires_at())


class RotationForm(OneTimeForm):
    overlap = forms.ChoiceField(
        choices=list(OVERLAPS.items()),
        initial="24",
        widget=forms.RadioSelect,
        label="The old secret stops working",
        help_text="Allow enough time to replace the old key everywhere.",
    )

    def __init__(self, key: ApiKey, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.key = key

    def _issue(self, by: Actor) -> Issued:
        issued = self.key.rotate(by, timedelta(hours=int(self.cleaned_data["overlap"])))
        self.key.refresh_from_db(fields=["expires_at"])
        return issued


def _new_token() -> str:
    return signing.TimestampSigner(salt=SALT).sign(get_random_string(22))
