from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class PasswordTokens(PasswordResetTokenGenerator):
    """Django's: dead once the password or the address changes, or the person signs in. Or is deactivated."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_version}"


password_tokens = PasswordTokens()
