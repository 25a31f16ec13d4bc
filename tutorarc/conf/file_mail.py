import os

from django.core.mail.backends import filebased


class EmailBackend(filebased.EmailBackend):
    """Mail as files that only their owner can read (TUTORARC_EMAIL_URL=file:///a/folder): it holds one-time links."""

    def open(self) -> bool:
        if not super().open():
            return False
        os.fchmod(self.stream.fileno(), 0o600)
        return True
