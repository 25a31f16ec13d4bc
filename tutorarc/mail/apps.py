from importlib import import_module

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "tutorarc.mail"
    verbose_name = "Mail"

    def ready(self) -> None:
        import_module("tutorarc.mail.personal_data")
        import_module("tutorarc.mail.security")
        import_module("tutorarc.mail.erasure")
        import_module("tutorarc.mail.webhook_notices")
