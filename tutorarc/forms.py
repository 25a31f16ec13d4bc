from typing import Any

from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """By e-mail address, in capitals or not."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This e-mail address and password don’t go together. The password minds capital letters.",
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, label_suffix="", **options)
        self.fields["username"].widget.input_type = "email"
        self.fields["username"].label = "E-mail address"
