from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "tutorarc.imports"
    label = "imports"
    verbose_name = "Imports"
