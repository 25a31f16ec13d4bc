"""Tokens of links to set a password: mailed to the owner, or made by staff.

Like Django's they end with a new password, address or sign-in, and here also when `session_version` is raised.
"""

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator


class MailTokens(PasswordResetTokenGenerator):
    """Tokens of links that are mailed to a person who forgot the password."""

    key_salt = "tutorarc.password-mail"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_version}"


class StaffTokens(MailTokens):
    """Tokens of links that staff made. Only the newest one of a person works, while its maker may still make one."""

    key_salt = "tutorarc.password-link"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.password_link_at}"

    def check_token(self, user: Any, token: str | None) -> bool:
        return super().check_token(user, token) and user.is_password_link_valid


class PasswordTokens:
    """What the page that sets a password by a link uses: it makes mailed tokens and accepts both kinds."""

    mailed, by_staff = MailTokens(), StaffTokens()

    def make_token(self, user: Any) -> str:
        return self.mailed.make_token(user)

    def check_token(self, user: Any, token: str | None) -> bool:
        return self.mailed.check_token(user, token) or self.by_staff.check_token(user, token)


password_tokens = PasswordTokens()
