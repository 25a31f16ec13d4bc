"""Forms whose guesses are limited."""

import math

from allauth.core import context
from django import forms
from django.utils.translation import ngettext
from rest_framework.exceptions import Throttled


class LimitedForm(forms.Form):
    """Says how long to wait after too many attempts. What was typed is kept, except passwords.

    The response is made a 429 by `UnavailableMiddleware`.
    """

    def full_clean(self) -> None:
        try:
            super().full_clean()
        except Throttled as refusal:
            seconds = float(refusal.wait or 0)  # type: ignore[attr-defined]
            context.request.throttled_for = seconds
            sentence = ngettext(
                "Too many attempts. Wait {minutes} minute, then try again.",
                "Too many attempts. Wait {minutes} minutes, then try again.",
                minutes := max(1, math.ceil(seconds / 60)),
            )
            self.add_error(None, sentence.format(minutes=minutes))
