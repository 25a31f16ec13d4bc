"""The form of somebody who wants an account."""

import re
from typing import Any

from allauth.core import context
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from classes import codes
from tutorarc.domain.text_fields import EmailAddressFormField
from tutorarc.http.sign_in_limit import may_be_mailed
from tutorarc.site.limited_forms import LimitedForm

NOT_OF_A_CODE = re.compile(r"[^0-9A-Za-z-]")
LONGEST_SHOWN = 12  # characters


class SignUpForm(LimitedForm):
    """Same response for every address and every code: what is wrong with them stands in the mail."""

    may_be_mailed = False

    email = EmailAddressFormField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "autocapitalize": "none", "inputmode": "email"}),
        error_messages={"required": _("Enter your e-mail address.")},
    )
    code = forms.CharField(
        label=_("Class code"),
        max_length=100,
        widget=forms.TextInput({"class": "code", "autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the class code from your teacher.")},
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, label_suffix="", use_required_attribute=False, **options)
        self.fields["code"].required = settings.SIGN_UP == "code"

    def clean_email(self) -> str:
        """Count the request. Raises Throttled."""
        address: str = self.cleaned_data["email"]
        self.may_be_mailed = may_be_mailed(context.request, address)
        return address

    def clean_code(self) -> str:
        """A code that no class can have is shortened to letters and digits: it is mailed to an address that anybody
        may have typed, so it must be neither a text nor a link of theirs. It also stands in a path."""
        typed: str = self.cleaned_data["code"]
        return codes.cleaned(typed) or (typed.strip() and (NOT_OF_A_CODE.sub("", typed)[:LONGEST_SHOWN] or "-"))
