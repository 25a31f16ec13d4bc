from importlib import import_module

from django.apps import AppConfig


class ApiKeysConfig(AppConfig):
    name = "apikeys"
    verbose_name = "API keys"

    def ready(self) -> None:
        import_module("apikeys.home_parts")
        import_module("apikeys.events")
        import_module("apikeys.personal_data")
        import_module("apikeys.receivers")
        import_module("apikeys.erasure")
        import_module("apikeys.refusal_log")
