from importlib import import_module

from django.apps import AppConfig


class ClassesConfig(AppConfig):
    name = "classes"
    verbose_name = "Classes"

    def ready(self) -> None:
        import_module("classes.feed")
        import_module("classes.personal_data")
        import_module("classes.undo")
        import_module("classes.webhooks")
