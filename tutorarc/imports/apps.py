from importlib import import_module

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "tutorarc.imports"
    label = "imports"
    verbose_name = "Imports"

    def ready(self) -> None:
        import_module("tutorarc.imports.erasure")
        import_module("tutorarc.imports.personal_data")
