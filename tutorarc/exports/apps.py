from importlib import import_module

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "tutorarc.exports"
    label = "exports"
    verbose_name = "Exports of personal data"

    def ready(self) -> None:
        import_module("tutorarc.exports.erasure")
        import_module("tutorarc.exports.personal_data")
