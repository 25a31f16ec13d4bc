"""Forms whose guesses are limited."""

from datetime import timedelta

from allauth.core import context
from django import forms
from rest_framework.exceptions import Throttled

from tutorarc.domain.clock import duration_in_words


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
            wait = duration_in_words(timedelta(seconds=seconds))
            self.add_error(None, f"Too many attempts. Wait {wait}, then try again.")
