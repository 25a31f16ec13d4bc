"""Forms of the developer pages that create a secret: each creates one, however often it is submitted."""

from datetime import timedelta
from typing import Generic, TypeVar, cast

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from tutorarc.domain.events import Actor
from tutorarc.models.idempotent_reply import REPLY_LIFETIME, IdempotentReply

SALT = "apikeys.forms"
FORM_LIFETIME = REPLY_LIFETIME - timedelta(hours=1)  # a token expires before the record of its use is deleted
OVERLAPS = {"0": _("At once"), "1": _("In an hour"), "24": _("In a day"), "168": _("In a week")}

Made = TypeVar("Made")


class OneTimeForm(forms.Form, Generic[Made]):
    """Form with a one-time token, which a unique constraint marks as used in the transaction that creates the secret.

    So a reload, a double click or a concurrent duplicate creates no second one.
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
            raise ValidationError(_("This page was open for too long. Send the form again."), code="stale") from None

    @transaction.atomic
    def issue(self, by: Actor) -> tuple[Made, str] | None:
        """Returns what was created with its secret, or None if this form was submitted before.

        Raises Conflict, as what it creates does: then the form can be submitted again.
        """
        used = IdempotentReply.objects.claim(by.person, f"form {self.cleaned_data['token']}", "developer page")
        if used.status is not None:
            return None
        used.store(201, "")
        return self._issue(by)

    def _issue(self, by: Actor) -> tuple[Made, str]:
        raise NotImplementedError


class OverlapForm(OneTimeForm[Made]):
    """Form to rotate a secret."""

    overlap = forms.ChoiceField(
        choices=list(OVERLAPS.items()),
        initial="24",
        widget=forms.RadioSelect,
        label=_("The old secret stops working"),
        help_text=_("Allow enough time to replace the old secret everywhere."),
    )

    @property
    def chosen_overlap(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["overlap"]))


def _new_token() -> str:
    return signing.TimestampSigner(salt=SALT).sign(get_random_string(22))
