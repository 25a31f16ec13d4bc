from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class PasswordTokens(PasswordResetTokenGenerator):
    """Django's tokens, which expire with a new password, address or sign-in; here also with a deactivation."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_version}"


password_tokens = PasswordTokens()
